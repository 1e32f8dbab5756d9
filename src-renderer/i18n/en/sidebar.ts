export const sidebar = {
  projects: 'Projects',
  newProject: 'New project',
  none: 'No projects yet. Make one for your device.',
  devices: 'Devices',
  library: 'Library',
  running: '▶ {{percent}} % · {{stage}}',
  jobOf: 'Job of {{name}}',
} as const
