export const job = {
  state: {
    queued: 'Waiting for its turn',
    running: 'Running',
    done: 'Done',
    failed: 'Failed',
    cancelled: 'Cancelled',
    interrupted: 'Interrupted',
  },
  cancelling: 'Cancelling…',
  seeResult: 'See the result',
  interrupted: 'Shoehorn was closed while this job ran. Press the button to start it again; finished runs are kept.',
  log: 'Log',
  lines_one: '{{count}} line',
  lines_other: '{{count}} lines',
  logOf: 'Log of the job',
} as const
