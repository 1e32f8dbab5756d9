// Runs, jobs, analyses, verification. English template to Chinese.

export const services: Readonly<Record<string, string>> = {
  // services/activations.ts
  run: '运行',
  'The run {0} is not of the model {1}.': '运行 {0} 不属于模型 {1}。',
  model: '模型',
  'data set': '数据集',
  'Activations of {0}': '{0} 的激活值',
  // hosts/cli/commands/report.ts
  // services/graph-export.ts, services/graph-task.ts
  '{0} for export': '供导出的 {0}',
  'Outputs of {0} in ONNX Runtime': '{0} 在 ONNX Runtime 中的输出',
  'writing {0}': '正在写入 {0}',
  // services/kernels.ts, the kernel test
  'Checking the kernels': '检查内核',
  'test of the kernels': '内核检查',
  // services/encoding-jobs.ts
  'Encoding {0}': '正在编码 {0}',
  'Decoding {0}': '正在解码 {0}',
  // jobs/jobs.ts
  'The job runs in another process; cancel it there.': '该任务在另一个进程中运行，请在那里取消。',
  // services/analysis.ts
  'Sensitivity of {0}': '{0} 的敏感度',
  // services/analysis/execute.ts
  '{0} samples were run: activations of more need too much memory.':
    '只运行了 {0} 个样本：更多样本的激活值需要太多内存。',
  'bytes, {0}': '字节数，{0}',
  'Bytes and cycles are not known: {0}': '字节数和周期数未知：{0}',
  // services/data-views.ts
  'There are {0} samples.': '共有 {0} 个样本。',
  // services/deployability.ts
  'flash {0} bytes too few': '闪存还差 {0} 字节',
  'RAM {0} bytes too few': 'RAM 还差 {0} 字节',
  // services/desktop.ts
  'This is possible in the desktop application only.': '此操作仅在桌面应用中可用。',
  // services/device-console.ts
  'another console': '另一个控制台',
  'There is no console open on {0}.': '{0} 上没有打开的控制台。',
  // services/encoding-jobs.ts
  'model or npz': '模型或 npz',
  container: '容器',
  '{0} holds no {1}.': '{0} 中没有{1}。',
  '{0} holds more than one {1}.': '{0} 中有多个{1}。',
  // services/encoding-results.ts
  'result of encoding': '编码结果',
  'The result has no file number {0}.': '结果中没有编号为 {0} 的文件。',
  // services/encoding-task.ts
  '{0} of {1} MB': '{0} / {1} MB',
  // services/encoding.ts
  "--out cannot be {0}: that is a file of the model's weights.": '--out 不能是 {0}：那是模型权重的文件。',
  '{0} is there already and is another file. Decode into a folder of its own.':
    '{0} 已存在，且是另一个文件。请解码到单独的文件夹。',
  '--out names {0} itself.': '--out 就是 {0} 本身。',
  '{0} is no file.': '{0} 不是文件。',
  '{0} cannot be read ({1}).': '无法读取 {0}（{1}）。',
  '{0} cannot be written ({1}).': '无法写入 {0}（{1}）。',
  // services/export.ts
  '{0} exists and is not an empty folder.': '{0} 已存在，且不是空文件夹。',
  // services/file-input.ts
  'Files must be uploaded to this host.': '文件必须上传到此主机。',
  // services/large-model.ts
  '{0} weights are more than it holds': '{0} 个权重超出它的容量',
  'no estimate for {0} weights; a run says whether they fit': '{0} 个权重不做估算；运行一次即可知道能否放下',
  'sizes of coded weights are estimated from evenly spaced output channels': '编码权重的大小由等距抽取的输出通道估算',
  // services/model-analysis.ts
  '{0}: {1}.': '{0}：{1}。',
  // services/model-facts.ts
  'the device runtime has no kernel for {0}': '设备运行时没有 {0} 的内核',
  // services/models.ts
  'it is larger than any device holds': '它比任何设备都大',
  'no layer has weights': '没有带权重的层',
  // services/pack-bench.ts
  '{0} needs data.': '{0} 需要数据。',
  // services/packs.ts
  'A model needs --data: samples to calibrate and measure with.': '模型需要 --data：用于校准和测量的样本。',
  'validate needs --data.': 'validate 需要 --data。',
  '{0} of {1} samples': '样本 {0} / {1}',
  'ONNX Runtime on this computer': '本机上的 ONNX Runtime',
  '{0} of {1} bytes': '{0} / {1} 字节',
  'infer needs --data.': 'infer 需要 --data。',
  // services/project-archive-file.ts
  'it has no {0}': '其中没有 {0}',
  '{0} is damaged': '{0} 已损坏',
  'the name {0} cannot be used': '名称 {0} 不能使用',
  '{0} is not in {1}': '{0} 不在 {1} 中',
  '{0} is damaged: its SHA-256 is not the one recorded': '{0} 已损坏：SHA-256 与记录的不同',
  'project.json is that of no project': 'project.json 不属于任何项目',
  'project.json: {0}': 'project.json：{0}',
  '{0} is no JSON': '{0} 不是 JSON',
  // services/project-merge.ts
  'the files of {0} are not those it was named after': '{0} 的文件与其名称不符',
  'the files of {0} are missing': '缺少 {0} 的文件',
  // services/projects.ts
  'project in the bin': '回收站中的项目',
  'There is a project called {0} already.': '已有名为 {0} 的项目。',
  // services/reports.ts
  'There is no run to report on.': '没有可写入报告的运行。',
  // services/run/compress.ts
  'weights: {0} of {1} tensors': '权重：张量 {0} / {1}',
  // services/run/device-stage.ts
  '{0}: {1}, {2}, pack in {3}, arena {4} bytes': '{0}：{1}，{2}，打包文件在 {3}，张量区 {4} 字节',
  'first inference': '首次推理',
  'latency, {0} runs': '延迟，{0} 次运行',
  'the data set': '数据集',
  'sample {0} of {1}': '样本 {0} / {1}',
  // services/run/execute-run.ts
  '{0} bytes': '{0} 字节',
  // services/run/expected.ts
  'it has {0} bytes, {1} samples of {2} need {3}': '有 {0} 字节，而 {1} 个 {2} 样本需要 {3}',
  // services/run/load.ts
  'an array {0}': '数组 {0}',
  'sample {0} holds {1}': '样本 {0} 中有 {1}',
  // services/run/repack.ts
  'nothing makes tensor {0}': '没有算子产生张量 {0}',
  // services/run/report.ts
  'The {0} calibration samples are part of the samples measured on; give calibration data of their own to keep them apart.':
    '{0} 个校准样本也在测量样本之中；请提供单独的校准数据以区分二者。',
  'The audio features were computed on this computer before the model; flash, RAM and latency are those of the model alone.':
    '音频特征在本机、模型之前计算；闪存、RAM 和延迟只是模型本身的。',
  'The samples are integers as the file has them, and the model takes real numbers. If it was trained on scaled values, set the scale in the preprocessing.':
    '样本是文件中的原始整数，而模型接收实数。若训练时用的是缩放后的值，请在预处理中设置缩放。',
  // services/run/sanity.ts
  'The compressed model answers class {0} to every sample, the original gives {1} different ones. Its ranges or its weights are destroyed: compare the two value by value ("shoehorn diverge"), and take more bits where they first part.':
    '压缩后的模型对所有样本都答类别 {0}，原模型给出 {1} 种不同的类别。它的范围或权重已被破坏：请逐值比较二者（“shoehorn diverge”），并在最先分开处使用更多位数。',
  "{0} of {1} labels are beyond the model's {2} classes (up to {3}, and counting begins at 0); they count as wrong. Are these the labels of this model?":
    '{1} 个标签中有 {0} 个超出模型的 {2} 个类别（最大为 {3}，从 0 计数），按错误计。这些是该模型的标签吗？',
  'The compressed model is right on {0} of the samples, guessing gives {1}; the original is right on {2}. Nothing of what it learned is left: take a milder recipe, and see which layers mind ("shoehorn analyze --sensitivity").':
    '压缩后的模型在 {0} 的样本上正确，而瞎猜可得 {1}；原模型正确 {2}。它学到的已荡然无存：请改用更温和的配方，并查看哪些层敏感（“shoehorn analyze --sensitivity”）。',
  'The calibration data are prepared otherwise ({0}) than the data measured on ({1}).':
    '校准数据的预处理（{0}）与测量数据（{1}）不同。',
  '{0}: the calibration data are from {1}, the data measured on from {2}: {3}':
    '{0}：校准数据的范围是 {1}，测量数据是 {2}：{3}',
  'values that calibration has not seen are cut off. Prepare both in the same way.':
    '校准未见过的值会被截断。请用相同方式预处理二者。',
  'most of the grid goes unused. Prepare both in the same way.': '大部分量化网格没有用到。请用相同方式预处理二者。',
  // services/run/verify-run.ts
  'run {0} of {1}: {2}, {3}': '运行 {0} / {1}：{2}，{3}',
  '{0} figures': '{0} 个数值',
  '{0} of {1}': '{0} / {1}',
  'in order': '顺序正确',
  'not in order': '顺序不正确',
  // services/runs.ts
  '{0} on {1}, {2}': '{0}，设备 {1}，{2}',
  // services/uploads.ts
  'An upload chunk does not continue its file.': '上传的数据块与文件不衔接。',
  'The upload of {0} is not complete.': '{0} 尚未上传完整。',
  'The files that came are not those that were announced.': '传来的文件与声明的不同。',
  'The file name {0} cannot be used.': '文件名 {0} 不能使用。',
  // services/verification.ts
  'the data': '数据',
  'Verifying {0}': '正在验证 {0}',
  // store/database.ts
  'Choose another workspace with --workspace, or restore the copy beside it.':
    '用 --workspace 选择其他工作区，或恢复旁边的副本。',
  // store/store.ts
  'Choose another folder with --workspace.': '用 --workspace 选择其他文件夹。',
  '--activations needs --data.': '--activations 需要 --data。',
  'it ended without a result': '它结束时没有结果',
  tensor: '张量',
  operators: '算子',
  project: '项目',
  job: '任务',
  'Deploying {0} on {1}': '正在把 {0} 部署到 {1}',
  'Measuring {0} on {1}': '正在 {1} 上测量 {0}',
  'Validating {0} on {1}': '正在 {1} 上验证 {0}',
  'Outputs of {0} on {1}': '{0} 在 {1} 上的输出',
  pack: '打包文件',
  result: '结果',
  export: '导出',
  upload: '上传',
  verification: '验证',
  'Too big: expected {0} to be {1}': '太大：{0}应为 {1}',
  'Too small: expected {0} to be {1}': '太小：{0}应为 {1}',
  'Invalid input: expected {0}, received {1}': '类型不符：应为 {0}，得到 {1}',
  'Invalid option: expected one of {0}': '选项不符：应为 {0} 之一',
  'Unrecognized key: {0}': '未知的键：{0}',
  'Invalid input: expected {0}': '输入不符：应为 {0}',
  'Invalid input': '输入不符',
  'there is no preset "{0}"; there are {1}': '没有预设“{0}”；现有 {1}',
}
