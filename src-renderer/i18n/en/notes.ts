// What is said of a project, its files and its jobs, outside any one screen.
export const notes = {
  overBudget: '{{budget}} is {{amount}} over its budget.',
  flashNeeds: 'Flash: the weights {{tensor}} of {{count}} tensors take the most, {{bytes}} as {{codec}}.',
  ramNeeds: 'RAM: {{operator}} needs {{bytes}} in the arena, most of it for {{tensor}} ({{tensorBytes}}).',
  latencyNeeds: 'Latency: {{operator}} ({{op}}) takes {{share}} of the time.',
  estimateNeeds: {
    flashBytes: 'Flash: the weights {{tensor}} of {{node}} ({{op}}) take the most, about {{bytes}}.',
    ramBytes: 'RAM: the output of {{node}} ({{op}}) is the largest, {{bytes}}.',
    latencyMs: 'Latency: {{node}} ({{op}}) has {{share}} of the MACs.',
  },
  outputsDiffer: 'Outputs that differ from the twin’s: {{different}} of {{samples}}.',
  cannotRun: 'Layer {{node}} ({{op}}) cannot run on a microcontroller: {{reason}}',
  cannotRunMore: 'Layer {{node}} ({{op}}) cannot run on a microcontroller: {{reason}} (and {{more}} more)',
  estimateOver: {
    flashBytes: 'Flash is estimated at {{value}}, the flash budget is {{limit}}.',
    ramBytes: 'RAM is estimated at {{value}}, the RAM budget is {{limit}}.',
    latencyMs: 'The latency is estimated at {{value}}, the latency budget is {{limit}}.',
  },
  estimateOverDevice: {
    flashBytes: 'Flash is estimated at {{value}}, the device has {{limit}}.',
    ramBytes: 'RAM is estimated at {{value}}, the device has {{limit}}.',
  },
  otherShape: 'Its samples have the shape {{calibration}}, those of the data {{data}}. Choose data of the same shape.',
  otherPreprocessing:
    'It is preprocessed in another way than the data. Add its file here again to read it as the data is read.',
  guessing: 'The original itself is hardly better than guessing: {{right}} right, guessing gives {{chance}}.',
  unknownFiles: 'Not a model and not data: {{files}}.',
  unknownFilesNext:
    'Drop .onnx or .tflite for the model; .npz, .csv, IDX (.gz), .bin with y_labels.csv, or a folder of images for the data.',
  notOneDataSet: 'Not one data set: {{files}}.',
  notOneDataSetNext: 'Choose one data set: an .npz, a .csv, IDX files (.gz) or a folder of images.',
  sameAsData: '{{name}} is the data of this project itself.',
  sameAsDataNext: 'Leave the choice at a part of the data, or add other samples.',
  filesAndMore: '{{files}} and {{more}} more',
  nothing: 'nothing',
  stage: {
    import: 'Read the model',
    data: 'Read the data',
    original: 'Run the original',
    compress: 'Compress',
    pack: 'Pack',
    twin: 'Run the twin',
    deploy: 'Deploy',
    measure: 'Measure',
    validate: 'Validate',
    store: 'Store',
  },
} as const
