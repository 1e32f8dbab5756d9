export const project = {
  project: 'Project',
  pages: 'Project pages',
  tab: {
    overview: 'Overview',
    model: 'Model',
    data: 'Data',
    compress: 'Compress',
    runs: 'Bench',
    device: 'Device',
    report: 'Report',
  },
  rename: 'Rename…',
  obstacle: {
    loading: 'The project is being loaded.',
    model: 'Add a model first.',
    data: 'Add data first.',
    recipe: 'Correct the recipe first.',
    checking: 'The recipe is being checked.',
    fit: 'The samples do not go into the model as they are.',
  },
  noModelTitle: 'This project has no model yet',
  noModel: 'Drop an .onnx or .tflite file anywhere on this page, or choose one here:',
} as const
