import { z } from 'zod'

// Branded, so that the id of a model cannot be passed for that of a device.
export const projectId = z.string().min(1).brand('ProjectId')
export const modelId = z.string().min(1).brand('ModelId')
export const dataSetId = z.string().min(1).brand('DataSetId')
export const runId = z.string().min(1).brand('RunId')
export const jobId = z.string().min(1).brand('JobId')
/** SHA-256 of the file. */
export const packId = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .brand('PackId')
export const uploadId = z.string().min(1).brand('UploadId')
/** `twin`, `pico`, `qemu:netduinoplus2`, `serial:/dev/ttyACM0:115200`, `tcp:localhost:1234`. */
export const deviceId = z.string().min(1).brand('DeviceId')

export type ProjectId = z.infer<typeof projectId>
export type ModelId = z.infer<typeof modelId>
export type DataSetId = z.infer<typeof dataSetId>
export type RunId = z.infer<typeof runId>
export type JobId = z.infer<typeof jobId>
export type PackId = z.infer<typeof packId>
export type UploadId = z.infer<typeof uploadId>
export type DeviceId = z.infer<typeof deviceId>
