export const devices = {
  title: '设备',
  lookAgain: '重新查找',
  noneTitle: '未找到设备',
  noneHint: '请用 USB 连接开发板，然后点击“重新查找”。',
  looking: '正在查找设备…',
} as const
