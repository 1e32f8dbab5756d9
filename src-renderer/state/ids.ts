// Ids come out of the address as plain text; here, at the border, they get their brand.
import {
  type DataSetId,
  type DeviceId,
  dataSetId,
  deviceId,
  type ModelId,
  modelId,
  type PackId,
  type ProjectId,
  packId,
  projectId,
  type RunId,
  runId,
} from '../../src-main/contract/ids.ts'

export const toProjectId = (text: string): ProjectId => projectId.parse(text)
export const toRunId = (text: string): RunId => runId.parse(text)
export const toModelId = (text: string): ModelId => modelId.parse(text)
export const toDataSetId = (text: string): DataSetId => dataSetId.parse(text)
export const toPackId = (text: string): PackId => packId.parse(text)
export const toDeviceId = (text: string): DeviceId => deviceId.parse(text)
