export const devices = {
  title: 'Devices',
  lookAgain: 'Look again',
  noneTitle: 'No device found',
  noneHint: 'Connect a board over USB and press “Look again”.',
  looking: 'Looking for devices…',
} as const
