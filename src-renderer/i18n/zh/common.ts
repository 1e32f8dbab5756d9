export const common = {
  tryAgain: '重试',
  dismiss: '关闭提示',
  cancel: '取消',
  close: '关闭',
  save: '保存',
  remove: '移除',
  undo: '撤销',
  search: '搜索',
  loading: '正在加载…',
  measured: '实测',
  simulated: '仿真',
  estimated: '估算',
} as const
