export const common = {
  tryAgain: 'Try again',
  dismiss: 'Dismiss',
  cancel: 'Cancel',
  close: 'Close',
  save: 'Save',
  remove: 'Remove',
  undo: 'Undo',
  search: 'Search',
  loading: 'Loading…',
  measured: 'measured',
  simulated: 'simulated',
  estimated: 'estimated',
} as const
