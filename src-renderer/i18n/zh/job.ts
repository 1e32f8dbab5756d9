export const job = {
  state: {
    queued: '等待执行',
    running: '正在运行',
    done: '完成',
    failed: '失败',
    cancelled: '已取消',
    interrupted: '已中断',
  },
  cancelling: '正在取消…',
  seeResult: '查看结果',
  interrupted: '此任务运行时 Shoehorn 被关闭。点击按钮可重新开始；已完成的运行会保留。',
  log: '日志',
  lines_other: '{{count}} 行',
  logOf: '任务日志',
} as const
