export const sidebar = {
  projects: '项目',
  newProject: '新建项目',
  none: '还没有项目。请为您的设备创建一个。',
  devices: '设备',
  library: '资源库',
  running: '▶ {{percent}} % · {{stage}}',
  jobOf: '{{name}} 的任务',
} as const
