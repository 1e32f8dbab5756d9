// Every expected failure: a code, a sentence, and the next step. Codes are `family.what`; the family decides the exit
// status of the command line (errors.ts). Add a row here before throwing it. Placeholders are filled from AppError.data.

export type ErrorData = Readonly<Record<string, unknown>>
export type ErrorCode = keyof typeof catalogue
interface Entry {
  readonly sentence: string
  readonly next: string
}

export const catalogue = {
  // the command line
  'usage.invalid': { sentence: '{problem}', next: 'Run the command with --help to see what it takes.' },
  'usage.noDevice': {
    sentence: 'There is no device called {device}.',
    next: 'Run "shoehorn devices" to see the devices and their names.',
  },
  'usage.missingFile': { sentence: 'There is no file {path}.', next: 'Check the path.' },
  'usage.cannotWrite': {
    sentence: '{path} cannot be written: {problem}.',
    next: 'Choose another path with --out, or free some space.',
  },
  'usage.missingTool': { sentence: '{tool} is not installed on this machine.', next: 'Install the package {package}.' },

  // models in
  'model.unknownFormat': {
    sentence: '{name} is neither ONNX nor TFLite nor a .shoe pack.',
    next: 'Export the network as .onnx or .tflite and add that file.',
  },
  'model.noWeights': {
    sentence: '{name} is neither ONNX nor TFLite nor npz.',
    next: 'Give a model (.onnx, .tflite) or tensors (.npz).',
  },
  'model.truncated': {
    sentence: '{name} ends too early: {where} needs {needed} bytes at {offset}, the file has {available} left.',
    next: 'Copy or export the file again; it is incomplete.',
  },
  'model.malformed': {
    sentence: '{name} is damaged: {problem} (at {where}).',
    next: 'Export the model again, and check that it opens in the tool that made it.',
  },
  'model.unsupported': {
    sentence: '{name} uses {what} (at {where}), which Shoehorn cannot read.',
    next: 'Export the model again without it.',
  },
  'model.cyclic': {
    sentence: '{name} has a cycle through the nodes {nodes}.',
    next: 'A network must be free of cycles; export it again without the loop.',
  },
  'model.shape': {
    sentence: 'Node {node} ({op}): {problem}.',
    next: 'Correct the shapes where the model is made, and export it again.',
  },
  'model.missingValue': {
    sentence: 'Node {node} ({op}) reads {value}, which nothing in the model makes.',
    next: 'Export the model again; an input or an initialiser is missing.',
  },
  'model.duplicateValue': {
    sentence: 'The value {value} is made twice, by {first} and by {second}.',
    next: 'Export the model again; value names must be unique.',
  },
  'model.externalData': {
    sentence: 'The weights of {tensor} are in {path}, which {problem}.',
    next: 'Put the external data file beside the model, and keep its name.',
  },
  'model.noIntegers': {
    sentence: '{name} has no integer weights to look at: {problem}',
    next: 'Give a model with convolutions or dense layers of constant weights.',
  },
  'model.unsupportedOnHost': {
    sentence: 'ONNX Runtime cannot run this model: {problem}.',
    next: 'Check the model in the tool that made it, or export it with an older opset.',
  },
  'model.operator': {
    sentence: 'Node {node}: operator {op} cannot run on a microcontroller: {reason}.',
    next: '{help}',
  },
  'model.batch': {
    sentence: '{name} takes {batch} samples at a time; a device runs one.',
    next: 'Export the model with a batch of 1, or with a batch that is left open.',
  },
  'model.attribute': {
    sentence: 'Node {node} ({op}): attribute {attribute} {problem}.',
    next: 'Export the model again.',
  },

  // data in
  'data.unknownFormat': {
    sentence: '{path} is not a data set that can be read: {problem}.',
    next: 'Use npz (x, y), IDX files, a folder of pictures or WAV files in a folder for each class, a CSV with a label column, or .bin files with y_labels.csv.',
  },
  'data.unreadable': {
    sentence: 'Files that cannot be read: {count}. The first is {path}: {problem}.',
    next: 'Replace these files, or leave them out. On the command line: --leave-out-unreadable.',
  },
  'data.tooLarge': {
    sentence: '{path} needs {megabytes} MB in memory, at most {most} MB are read.',
    next: 'Take fewer samples, a smaller --resize, or shorter recordings (--length).',
  },
  'data.column': {
    sentence: '{path} has no column {column}.',
    next: 'Choose the label column from these: {columns}.',
  },
  'data.text': {
    sentence: '{path}, line {line}: "{text}" in the column {column} is no number.',
    next: 'Choose the column as the labels, leave it out, or turn its values into numbers. On the command line: --target or --leave-out.',
  },
  'data.row': {
    sentence: '{path}, line {line} has another number of cells ({found}) than the lines before.',
    next: 'Complete the line or delete it; text with commas in it needs quotes.',
  },
  'data.missing': {
    sentence: '{path} has empty cells: {count}. The first is in line {line}, column {column}.',
    next: 'Fill them with the mean of their column, or leave such rows out. On the command line: --missing mean or --missing drop.',
  },
  'data.unlabelled': {
    sentence: '{path} has rows without a label: {count}. The first is line {line}.',
    next: 'Leave such rows out, or fill in the labels. On the command line: --missing drop.',
  },
  'data.malformed': { sentence: '{path} is damaged: {problem}.', next: 'Make or copy the data set again.' },
  'data.shape': {
    sentence: 'The samples have shape {found}, the model takes {expected}.',
    next: 'Use --preprocess to resize or change the layout, or choose the data set that belongs to this model.',
  },
  'data.noLabels': {
    sentence: '{path} has no labels, and {purpose} needs them.',
    next: 'Add labels (y in an npz, class folders, a target column), or leave out what needs them.',
  },
  'data.labels': { sentence: 'The labels of {path} do not fit: {problem}.', next: 'Correct the labels.' },
  'data.empty': { sentence: '{path} has no samples.', next: 'Choose a data set with at least one sample.' },
  'data.preprocess': { sentence: 'The preprocessing cannot be applied: {problem}.', next: 'Correct --preprocess.' },

  // recipes and packs
  'recipe.invalid': { sentence: 'The recipe is not valid: {problem}.', next: 'Correct the recipe at the place named.' },
  'recipe.order': { sentence: 'The pass {pass} cannot run here: {problem}.', next: 'Move {pass} after {needs}.' },
  'recipe.unsupported': {
    sentence: 'The layer {node} cannot be compressed this way: {problem}.',
    next: 'Leave the layer out of this pass, or choose another method for it.',
  },
  'graph.gradient': {
    sentence: 'Node {node}: there is no gradient through this {op}: {problem}.',
    next: 'Use a method that needs no gradients, or leave this part of the network as it is.',
  },
  'kernel.memory': {
    sentence: 'A step of the compression needs {megabytes} MB at once; it can have 4096 MB.',
    next: 'Leave the largest layer out of this pass, or let it take fewer calibration samples at a time.',
  },
  'kernel.notPositive': {
    sentence: 'The inputs of {what} are too alike to solve for its weights (pivot {pivot} is not positive).',
    next: 'Give more calibration samples, or raise the damping of the pass.',
  },
  'kernel.noGpu': {
    sentence: 'No GPU can be used on this machine: {problem}.',
    next: 'Choose the backend "auto" or "cpu", or install a driver with Vulkan, Metal or Direct3D 12.',
  },
  'kernel.gpuLost': {
    sentence: 'The GPU was lost while it computed: {problem}.',
    next: 'Try again with the backend "cpu", and update the graphics driver if it happens twice.',
  },
  'kernel.wrong': {
    sentence: 'Kernels gave wrong results in {failed} cases.',
    next: 'Use the backend "cpu" or "reference", and please report the table above with this machine\'s processor and driver.',
  },
  'kernel.gpuMemory': {
    sentence: 'The GPU cannot hold this: {problem}.',
    next: 'Choose the backend "auto" or "cpu" for this model.',
  },
  'recipe.noCalibration': {
    sentence: 'The pass {pass} needs calibration data.',
    next: 'Give --data or --calibration.',
  },
  'pack.malformed': { sentence: '{name} is not a valid pack: {problem}.', next: 'Pack the model again.' },
  'pack.container': {
    sentence: '{name} cannot be decoded: {problem}.',
    next: 'Give a whole .shoe that "encode" made; copy it again if it came from elsewhere.',
  },
  'pack.weightsOnly': {
    sentence: '{name} is a container of weights, and no pack for a device.',
    next: 'Open it under "Weights" to get back what it was made of.',
  },
  'pack.tensorTooLarge': {
    sentence: 'A tensor needs {bytes} bytes of memory to be encoded or decoded at once, more than there are.',
    next: 'Split the tensor, or store it without encoding.',
  },
  'pack.coded': { sentence: 'The {codec} data are damaged: {problem}.', next: 'Make or copy the file again.' },

  // does it fit
  'fit.memory': {
    sentence:
      '{model} does not fit {device}: {region} needs {needed} bytes, {available} are available, {over} too many.',
    next: 'Largest tensors: {largest}. Choose a recipe with fewer bits or fewer channels, or a device with more memory.',
  },
  'fit.limit': {
    sentence: '{what} is {found}, the device runtime takes at most {limit}.',
    next: 'Make the model smaller.',
  },

  // devices
  'device.noAnswer': {
    sentence: 'No answer from {device} in {waitedMs} ms.',
    next: 'Press reset on the board, check the cable, and try again.',
  },
  'device.lost': {
    sentence: 'The link to {device} was lost during {during}.',
    next: 'Check the cable and try again. The model that was on the device is still valid.',
  },
  'device.open': { sentence: '{device} cannot be opened: {problem}.', next: '{help}' },
  'device.busy': {
    sentence: '{device} is in use by {holder}.',
    next: 'Wait until it is done, or cancel it.',
  },
  'device.refused': { sentence: '{device} refused {request}: {problem}.', next: '{help}' },
  'device.protocol': {
    sentence: '{device} speaks protocol {found}, this version of Shoehorn speaks {expected}.',
    next: 'Flash the agent of this version onto the board.',
  },
  'device.corrupt': {
    sentence: '{device} keeps sending damaged frames ({count} in a row).',
    next: 'Check the cable and the baud rate.',
  },
  'device.fault': {
    sentence: '{device} stopped while running: {problem}.',
    next: 'Reset the board. If it happens again, run the same pack on the twin and compare.',
  },

  // the workspace
  'store.open': { sentence: 'The workspace {path} cannot be opened: {problem}.', next: '{help}' },
  'store.newer': {
    sentence:
      'The workspace {path} was made by a newer version of Shoehorn (schema {found}, this version knows {known}).',
    next: 'Open it with that version, or choose another workspace.',
  },
  'store.notFound': { sentence: 'There is no {kind} {id}.', next: 'Run "shoehorn {plural}" to see what there is.' },
  'store.full': {
    sentence: 'The disk is full: {path} could not be written.',
    next: 'Free some space and try again. Nothing was lost.',
  },
  'store.blob': { sentence: 'The stored file {hash} is missing or damaged.', next: 'Add the file again.' },
  'store.conflict': { sentence: '{problem}', next: 'Choose another name.' },
  'store.busy': {
    sentence: 'The project {name} has a job under way: {title}.',
    next: 'Wait until the job has ended, or cancel it, and try again.',
  },
  'store.notProject': {
    sentence: '{name} is no whole project file: {problem}.',
    next: 'Copy the file again, or export the project again where it is.',
  },
  'store.newerProject': {
    sentence: '{name} was exported by a newer version of Shoehorn (format {found}, this version knows {known}).',
    next: 'Import it with that version.',
  },

  // jobs
  'job.cancelled': { sentence: 'The job was cancelled.', next: 'Start it again when you like.' },
  'job.interrupted': {
    sentence: 'Shoehorn was closed while this job ran.',
    next: 'Start the job again; finished runs are kept.',
  },
  'job.crashed': {
    sentence: 'The worker of this job ended unexpectedly: {problem}.',
    next: 'Start it again. If it happens twice, please report it with this message.',
  },

  // reports
  'report.noRecord': {
    sentence: '{name} holds no record of runs.',
    next: 'Verify a run, or a report that was exported as HTML or JSON.',
  },
  'report.damaged': { sentence: '{name} is no whole report: {problem}.', next: 'Export the report again.' },
  'report.sourceMissing': {
    sentence: 'Run {run} was made from {what} {name}, which is not in this workspace (SHA-256 {sha256}).',
    next: 'Add that file to this workspace, and verify again.',
  },
  'report.differs': {
    sentence: '{name} is not confirmed: {figure} is {found}, and the report says {stated}.',
    next: 'Trust what was recomputed, and ask where the report comes from.',
  },

  // the web host
  'serve.unauthorised': {
    sentence: 'The request has no valid token.',
    next: 'Open the address that "shoehorn serve" printed.',
  },
  'serve.notBuilt': { sentence: 'The interface has not been built.', next: 'Run "npm run build:web" and start again.' },
  'serve.port': { sentence: 'Port {port} cannot be used: {problem}.', next: 'Choose another with --port.' },
} as const satisfies Record<string, Entry>
