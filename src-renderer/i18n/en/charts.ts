export const charts = {
  confusionAxes: 'rows: truth, columns: prediction',
  confusionCell: '{{samples}} of {{truth}} taken for {{guess}}',
  memoryMap: 'Live tensors in the arena, operator by operator',
  memoryBox: '{{name}}: {{bytes}} at {{offset}}',
  resident:
    '{{resident}} of the {{arena}} arena hold weights that are decoded once, at the start, and stay (resident): less flash for more RAM.',
  residentBox: '{{name}}, decoded weights: {{bytes}} at {{offset}}',
  operator: 'Operator',
  kernel: 'Kernel',
  share: 'Share',
  perMac: '{{counter}} / MAC',
  paretoPlot: '{{gain}} against {{cost}}, {{n}} runs. Arrow keys walk through them, with Shift they draw around them.',
  paretoHint:
    'Point at a run to name it, click to compare, draw a frame to see its runs alone. Keys: arrows, Space, Enter.',
  budget: 'budget {{limit}}',
} as const
