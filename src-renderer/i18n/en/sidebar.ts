export const sidebar = {
  projects: 'Projects',
  newProject: 'New project',
  none: 'No projects yet. Make one for your device.',
  devices: 'Devices',
  library: 'Library',
} as const
