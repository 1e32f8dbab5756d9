// What the device runtime cannot take, and how weights are stored. English template to Chinese.

export const lowering: Readonly<Record<string, string>> = {
  // targets/fit.ts
  '{0} ({1} bytes)': '{0}（{1} 字节）',
  flash: '闪存',
  // targets/lowering/context.ts
  'input {0} is left out': '缺少输入 {0}',
  'Export the model again.': '请重新导出模型。',
  'the shape of {0} is not known': '{0} 的形状未知',
  'Give the model fixed input shapes (all but the batch).': '请为模型设定固定的输入形状（批大小除外）。',
  '{0} is quantised as {1} with the scale {2} and the zero point {3}': '{0} 被量化为 {1}，缩放系数 {2}，零点 {3}',
  'Quantise activations to 8 bits with one positive scale per tensor.':
    '请把激活值量化为 8 位，每个张量一个正的缩放系数。',
  'its output {0} has no quantisation': '它的输出 {0} 没有量化参数',
  'Quantise the model first (the pass quantize-int8).': '请先量化模型（步骤 quantize-int8）。',
  // targets/lowering/lower.ts
  'the device runtime has no kernel for it': '设备运行时没有它的内核',
  'it has no int8 quantisation': '它没有 int8 量化参数',
  'its shape is not known': '它的形状未知',
  'Replace {0} in the model by operators the runtime has, or cut the model before it.':
    '请把模型中的 {0} 换成运行时支持的算子，或在它之前截断模型。',
  '{0} belongs to the operator set {1}; export the model with standard ONNX operators.':
    '{0} 属于算子集 {1}；请用标准 ONNX 算子导出模型。',
  // targets/lowering/rules/activation.ts
  'its bounds are computed at run time': '它的上下限在运行时才算出',
  'Make the bounds constants.': '请把上下限改为常量。',
  // targets/lowering/rules/binary.ts
  'it divides by a constant 0': '它除以常量 0',
  'Correct the model.': '请修正模型。',
  'its exponent is not one constant number': '它的指数不是单个常数',
  'Use a constant exponent.': '请使用常量指数。',
  'its slope is computed at run time': '它的斜率在运行时才算出',
  'Make the slope a constant.': '请把斜率改为常量。',
  // targets/lowering/rules/channelwise.ts
  'input {0} is no constant': '输入 {0} 不是常量',
  'Export for inference.': '请按推理模式导出。',
  'its input has no spatial dimensions': '它的输入没有空间维度',
  'Fold it into the operator before it (the pass "fold-batch-norm").':
    '请把它并入前面的算子（步骤“fold-batch-norm”）。',
  // targets/lowering/rules/conv-transpose.ts
  'it has more than one group': '它有多个分组',
  'Replace the grouped transposed convolution by Resize and Conv.': '请把分组转置卷积换成 Resize 加 Conv。',
  'it is dilated': '它带有空洞',
  'Use a dilation of 1.': '请使用空洞率 1。',
  // targets/lowering/rules/dense.ts
  'its first operand is transposed': '它的第一个操作数是转置的',
  'Transpose the operand before the Gemm.': '请在 Gemm 之前转置该操作数。',
  'alpha is {0}': 'alpha 为 {0}',
  'Multiply the weights by alpha instead.': '请把 alpha 乘到权重里。',
  'its third operand has shape [{0}]': '它的第三个操作数的形状是 [{0}]',
  'Give one bias per output.': '请为每个输出给一个偏置。',
  'its right operand is a constant of rank {0}': '它的右操作数是 {0} 维常量',
  'Use a matrix, or split the product.': '请使用矩阵，或拆分乘积。',
  'an operand is a vector': '某个操作数是向量',
  'Reshape the operand to a matrix.': '请把该操作数变形为矩阵。',
  'its operands have {0} matrices': '它的操作数有 {0} 个矩阵',
  'Make them equal.': '请使二者相等。',
  // targets/lowering/rules/movement.ts
  'its {0} are computed at run time': '它的 {0} 在运行时才算出',
  'Make them constants.': '请把它们改为常量。',
  'its mode is {0}': '它的模式是 {0}',
  'Use constant, reflect or edge padding.': '请使用 constant、reflect 或 edge 填充。',
  'its value is computed at run time': '它的值在运行时才算出',
  'Make the value a constant.': '请把该值改为常量。',
  'its amounts are computed at run time': '它的填充量在运行时才算出',
  'Make the amounts constants.': '请把填充量改为常量。',
  // targets/lowering/rules/pool.ts
  'its indices are used': '它的索引被使用',
  'Replace the operator that reads the indices.': '请替换读取这些索引的算子。',
  // targets/lowering/rules/reduce.ts
  'its axes are computed at run time': '它的轴在运行时才算出',
  'Make the axes a constant.': '请把轴改为常量。',
  // targets/lowering/rules/reshape.ts
  'it makes integers of real numbers': '它把实数变为整数',
  'Leave the conversion to the application.': '请把这一转换留给应用程序。',
  '[{0}] cannot become [{1}]': '[{0}] 不能变为 [{1}]',
  'Correct the shape where the model is made.': '请在生成模型处修正形状。',
  // targets/lowering/rules/resize.ts
  'Use nearest or linear resizing.': '请使用 nearest 或 linear 缩放。',
  'it resizes the batch or the channels': '它缩放了批或通道',
  'Resize height and width only.': '请只缩放高和宽。',
  "its coordinates ({0}, {1}) are not TFLite's at these sizes": '在这些尺寸下，它的坐标方式（{0}，{1}）与 TFLite 不同',
  'Use half_pixel or align_corners coordinates.': '请使用 half_pixel 或 align_corners 坐标。',
  'its coordinates are {0}': '它的坐标方式是 {0}',
  'Use half_pixel, align_corners or asymmetric coordinates.': '请使用 half_pixel、align_corners 或 asymmetric 坐标。',
  // targets/lowering/weights.ts
  'its weights {0} are computed at run time': '它的权重 {0} 在运行时才算出',
  'Make the weights a constant.': '请把权重改为常量。',
  'its weights {0} are not int8': '它的权重 {0} 不是 int8',
  'its weights {0} have a scale per index of dimension {1}': '它的权重 {0} 沿第 {1} 维的每个索引各有缩放系数',
  'Quantise the weights per output channel or per tensor.': '请按输出通道或按张量量化权重。',
  'its weights {0} have an impossible scale': '它的权重 {0} 的缩放系数不可能成立',
  'Quantise the model again.': '请重新量化模型。',
  'its weights {0} have scales per group of {1} that are no whole multiples of one per output channel':
    '它的权重 {0} 每 {1} 个一组的缩放系数不是各输出通道系数的整数倍',
  'Quantise with whole multiples (quantize-weights, groupScales: integer), or with one scale per channel.':
    '请用整数倍量化（quantize-weights，groupScales: integer），或每通道一个缩放系数。',
  'its bias {0} is computed at run time': '它的偏置 {0} 在运行时才算出',
  'Make the bias a constant.': '请把偏置改为常量。',
  'its bias has shape [{0}] for {1} channels': '它的偏置形状是 [{0}]，通道数是 {1}',
  // targets/lowering/window.ts
  'The device runtime has 1-D and 2-D kernels.': '设备运行时有一维和二维内核。',
  // targets/packer/reasons.ts
  'int8, direct: asked for.': 'int8，直接读取：按要求。',
  'int8, direct: it fits the budgets, and nothing decodes faster.': 'int8，直接读取：在预算之内，没有解码更快的方式。',
  'int8, direct: no codec takes fewer bytes, with what its decoder needs in the plan.':
    'int8，直接读取：算上解码器在计划中所需，没有编解码器占用更少字节。',
  'int8, direct: {0} would save {1}, but {2}.': 'int8，直接读取：{0} 可省 {1}，但{2}。',
  'int8, direct: {0} would save {1} and cost time.': 'int8，直接读取：{0} 可省 {1}，但会耗费时间。',
  'int8, direct: the flash budget is kept without coding it; {0} would save {1}.':
    'int8，直接读取：不编码也满足闪存预算；{0} 可省 {1}。',
  'its decoder needs more RAM than there is': '解码器需要的 RAM 不够',
  'the latency budget or the RAM forbids it': '延迟预算或 RAM 不允许',
  ', one table for {0} tensors': '，{0} 个张量共用一张表',
  '{0}, {1}: {2} % smaller than int8{3}, {4}': '{0}，{1}：比 int8 小 {2} %{3}，{4}',
  '{0}; {1}.': '{0}；{1}。',
  'decoded once into {0} of RAM': '一次性解码到 {0} RAM 中',
  '{0} % time (estimated)': '时间 {0} %（估算）',
  'direct int8 would miss the flash budget by {0}': '直接用 int8 会超出闪存预算 {0}',
  'the fewest bytes that cost no inference any time': '不增加推理时间的最少字节',
  'the fewest bytes of all codecs': '所有编解码器中字节最少',
  ' or RAM': '或 RAM',
  '{0} would save {1} more, but the latency budget{2} forbids it': '{0} 还可再省 {1}，但延迟预算{2}不允许',
  // targets/weight-storage.ts
  'there is no kernel for {0}': '没有 {0} 的内核',
  'there are several batches of weights': '权重有多个批',
  'sparse convolutions are neither grouped nor dilated': '稀疏卷积不能带分组或空洞',
}
