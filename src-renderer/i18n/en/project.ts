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
  delete: 'Delete…',
  noModelTitle: 'This project has no model yet',
  noModel: 'Drop an .onnx or .tflite file anywhere on this page, or choose one here:',
} as const
