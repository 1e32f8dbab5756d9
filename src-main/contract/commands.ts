// What can be called by name: the native menus, the keyboard and the command palette share this one table.

/** Mod is Control, on macOS Command. */
export interface CommandInfo {
  readonly id: string
  readonly keys: string | null
  /** null: in the palette only. */
  readonly menu: 'file' | 'go' | 'run' | 'view' | 'help' | null
}

export const commands = [
  { id: 'newProject', keys: 'Mod+N', menu: 'file' },
  { id: 'openFiles', keys: 'Mod+O', menu: 'file' },
  { id: 'importProject', keys: null, menu: 'file' },
  { id: 'exportProject', keys: null, menu: 'file' },
  { id: 'goHome', keys: 'Mod+Shift+H', menu: 'go' },
  { id: 'goOverview', keys: 'Mod+1', menu: 'go' },
  { id: 'goModel', keys: 'Mod+2', menu: 'go' },
  { id: 'goData', keys: 'Mod+3', menu: 'go' },
  { id: 'goCompress', keys: 'Mod+4', menu: 'go' },
  { id: 'goRuns', keys: 'Mod+5', menu: 'go' },
  { id: 'goDevice', keys: 'Mod+6', menu: 'go' },
  { id: 'goReport', keys: 'Mod+7', menu: 'go' },
  { id: 'goDevices', keys: 'Mod+Shift+D', menu: 'go' },
  { id: 'goPacks', keys: 'Mod+Shift+P', menu: 'go' },
  { id: 'goWeights', keys: null, menu: 'go' },
  { id: 'goLibrary', keys: null, menu: 'go' },
  { id: 'goJobs', keys: 'Mod+Shift+J', menu: 'go' },
  { id: 'goBin', keys: null, menu: 'go' },
  { id: 'goSettings', keys: 'Mod+,', menu: 'go' },
  { id: 'compressAndDeploy', keys: 'Mod+Enter', menu: 'run' },
  { id: 'cancelJob', keys: 'Mod+.', menu: 'run' },
  { id: 'runAgain', keys: null, menu: 'run' },
  { id: 'measureAgain', keys: null, menu: 'run' },
  { id: 'verifyRun', keys: null, menu: 'run' },
  { id: 'identifyDevice', keys: null, menu: 'run' },
  { id: 'openReport', keys: 'Mod+Shift+R', menu: 'run' },
  { id: 'downloadPack', keys: null, menu: null },
  { id: 'deleteRun', keys: null, menu: null },
  { id: 'renameProject', keys: null, menu: null },
  { id: 'editBudgets', keys: null, menu: null },
  { id: 'duplicateProject', keys: null, menu: null },
  { id: 'archiveProject', keys: null, menu: null },
  { id: 'deleteProject', keys: null, menu: null },
  { id: 'copyRecipe', keys: null, menu: null },
  { id: 'openConsole', keys: null, menu: null },
  { id: 'clearFilters', keys: null, menu: null },
  { id: 'findNode', keys: 'Mod+F', menu: 'view' },
  { id: 'nextMatch', keys: 'F3', menu: null },
  { id: 'previousMatch', keys: 'Shift+F3', menu: null },
  { id: 'showWholeGraph', keys: null, menu: null },
  { id: 'observeActivations', keys: null, menu: null },
  { id: 'analyseSensitivity', keys: null, menu: null },
  { id: 'nextSamples', keys: 'Mod+Alt+N', menu: null },
  { id: 'previousSamples', keys: 'Mod+Alt+P', menu: null },
  { id: 'fitData', keys: null, menu: null },
  { id: 'openPalette', keys: 'Mod+K', menu: 'view' },
  { id: 'switchLanguage', keys: null, menu: 'view' },
  { id: 'showKeys', keys: 'F1', menu: 'help' },
  { id: 'showGlossary', keys: 'Shift+F1', menu: 'help' },
] as const satisfies readonly CommandInfo[]

export type CommandId = (typeof commands)[number]['id']
export const commandIds = commands.map(({ id }) => id) as [CommandId, ...CommandId[]]
