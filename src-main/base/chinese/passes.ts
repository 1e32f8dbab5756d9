// Passes, their notes and warnings; kernels. English template to Chinese.

export const passes: Readonly<Record<string, string>> = {
  // kernels/gpu/call.ts
  'its memory is full': '它的显存已满',
  // kernels/gpu/device.ts
  'no reason given': '未给出原因',
  'the drivers of this machine offer no adapter': '本机的驱动没有提供显卡',
  // kernels/gpu/pool.ts
  'a buffer of {0} bytes is needed and {1} are the most': '需要 {0} 字节的缓冲区，最多只有 {1}',
  // passes/bias-correct/bias-correct.ts
  'no pass before it has changed weights; it has nothing to correct': '前面没有改变权重的步骤，无可校正',
  '{0} layers corrected from the statistics of the batch normalisation before them':
    '由前面的批归一化统计量校正了 {0} 层',
  'no layer has batch normalisation before it; the empirical method needs none':
    '没有层的前面是批归一化；经验法不需要它',
  // passes/bias-correct/empirical.ts
  '{0}: left as it is, {1}': '{0}：保持原样，{1}',
  'the original has no such layer': '原网络没有这一层',
  'it takes no bias': '它不带偏置',
  '{0}, layer {1} of {2}': '{0}，第 {1} 层，共 {2} 层',
  '{0} layers corrected by the means over {1} samples': '按 {1} 个样本的均值校正了 {0} 层',
  // passes/bias-correct/means.ts
  'the shape of its output is not known': '它的输出形状未知',
  // passes/convert-floats/convert-floats.ts
  '{0} constants became {1}': '{0} 个常量转为 {1}',
  '{0}: {1} of {2} values are beyond the range of {3}': '{0}：{2} 个值中有 {1} 个超出 {3} 的范围',
  '{0}: {1} of {2} values exact, error {3}': '{0}：{2} 个值中有 {1} 个精确，误差 {3}',
  // passes/equalize/equalize.ts
  'the scales of channels would no longer fit what that pass aimed at': '通道的缩放将不再符合该步骤所求',
  '{0} pairs with a ReLU6 between stay as they are': '{0} 对层之间有 ReLU6，保持原样',
  '{0} pairs of layers equalised{1}': '{0} 对层已均衡{1}',
  ', {0} with biases absorbed': '，其中 {0} 对吸收了偏置',
  '{0} ReLU6 became ReLU; the network is no longer quite the same': '{0} 个 ReLU6 改成了 ReLU；网络不再完全相同',
  // passes/factorize/factorize.ts
  'the two layers that it makes of one would have none of those weights': '由一层拆出的两层将不含这些权重',
  '{0} has more than {1} outputs and stays as it is': '{0} 的输出多于 {1} 个，保持原样',
  'rank {0} of {1} keeps {2} % of the energy': '{1} 中取秩 {0}，保留 {2} % 的能量',
  '{0} stays: {1}, with {2} % of the weights': '{0} 保持原样：{1}，权重为 {2} %',
  '{0}: {1}, with {2} % of the weights': '{0}：{1}，权重为 {2} %',
  // passes/fold/activations.ts
  '{0} clamps simplified, {1} hard-swish found': '化简 {0} 个截断，识别出 {1} 个 hard-swish',
  // passes/fold/batch-norm.ts
  '{0} folded into the layer before, {1} into the layer after, {2} left as Mul and Add':
    '{0} 个并入前一层，{1} 个并入后一层，{2} 个保留为 Mul 和 Add',
  // passes/fold/batch.ts
  'batch of {0} fixed to {1}': '{0} 的批大小固定为 {1}',
  // passes/fold/constants.ts
  '{0} nodes computed beforehand': '预先算出 {0} 个节点',
  // passes/fold/dead.ts
  '{0} nodes removed': '移除 {0} 个节点',
  // passes/fold/fusion.ts
  '{0} pairs of linear layers became one': '{0} 对线性层合并为一层',
  // passes/fold/identity.ts
  '{0} operators without effect, {1} computed twice': '{0} 个算子没有作用，{1} 个被重复计算',
  // passes/fold/linear.ts
  '{0} MatMul became Gemm, {1} Gemm brought into one form': '{0} 个 MatMul 改为 Gemm，{1} 个 Gemm 统一了形式',
  // passes/fold/pad.ts
  '{0} paddings moved into the layer after': '{0} 个填充移入后一层',
  // passes/fold/transposes.ts
  '{0} transposes cancelled, {1} joined': '抵消 {0} 个转置，合并 {1} 个',
  // passes/fold/widen.ts
  '{0} constants and {1} other values became float32': '{0} 个常量和 {1} 个其他值改为 float32',
  // passes/layer-inputs.ts
  'collect inputs': '收集输入',
  'a convolution over {0} dimensions': '{0} 维卷积',
  // passes/one-class.ts
  'every one of {0} samples gets the same class at {1} after this step, and did not before':
    '这一步之后，{0} 个样本在 {1} 处全部得到同一类别，之前并非如此',
  // passes/pipeline.ts
  'recipe done': '配方完成',
  '{0} comes after it, and {1}': '{0} 在它之后，而{1}',
  'it needs what {0} does, and that does not stand before it': '它需要 {0} 的结果，而该步骤不在它前面',
  // passes/prune-channels/output-means.ts
  'mean outputs': '平均输出',
  // passes/prune-channels/prune.ts
  'the weights that it fits anew would no longer be zero': '它重新拟合的权重将不再为零',
  '{0}: {1} of {2} channels removed': '{0}：移除 {2} 个通道中的 {1} 个',
  // passes/prune-magnitude/prune.ts
  '{0}: weights of type {1} stay as they are; widen-floats goes before':
    '{0}：类型为 {1} 的权重保持原样；widen-floats 应在前面',
  'prune-magnitude: there is no layer {0}; there are {1}': 'prune-magnitude：没有层 {0}；现有 {1}',
  '{0}: {1} of {2} weights are zero ({3} %)': '{0}：{2} 个权重中有 {1} 个为零（{3} %）',
  // passes/prune-obs/prune.ts
  '{0}, output error {1}': '{0}，输出误差 {1}',
  // passes/prune/mask-check.ts
  '{0} was pruned: {1} of its weights were zero, {2} are left': '{0} 曾被剪枝：原有 {1} 个零权重，还剩 {2} 个',
  // passes/prune/targets.ts
  'weights of type {0} stay as they are; widen-floats goes before': '类型为 {0} 的权重保持原样；widen-floats 应在前面',
  'layers that read the same weights in different ways stay as they are': '以不同方式读取同一权重的层保持原样',
  '{0}: there is no layer {1}; there are {2}': '{0}：没有层 {1}；现有 {2}',
  // passes/quantize-weights/quantize-weights.ts
  'the ranges of activations would have been found with other weights than the model has in the end':
    '激活值的范围会是用另一组权重求得的，与最终模型不同',
  'the biases would make up for errors that the weights do not have any more': '偏置会去弥补权重已不再有的误差',
  'the shared values would be rounded apart': '共享的值会被舍入得不再相同',
  'there are no float32 weights left for it': '它已没有 float32 权重可用',
  '{0}: has {1} bits already and keeps them': '{0}：已是 {1} 位，保持不变',
  '{0}: no groups in its rows, one scale per channel': '{0}：行内不分组，每通道一个缩放系数',
  'AdaRound takes one scale per channel; rounding by gptq takes groups':
    'AdaRound 每通道只用一个缩放系数；按 gptq 舍入才支持分组',
  '{0} bits': '{0} 位',
  ', output error {0}': '，输出误差 {0}',
  '{0}: {1} x {2} weights, {3}, {4}, {5} scales{6}': '{0}：{1} x {2} 个权重，{3}，{4}，{5} 个缩放系数{6}',
  '{0}: {1} of {2} zeros are lost, and with them what pruning saved; keepZeros keeps them':
    '{0}：{2} 个零中有 {1} 个丢失，剪枝省下的也随之丢失；keepZeros 可保留它们',
  // passes/quantize-weights/settings.ts
  'quantize-weights: there is no layer {0}; there are {1}': 'quantize-weights：没有层 {0}；现有 {1}',
  // passes/quantize/choose.ts
  '{0}: output error {1}': '{0}：输出误差 {1}',
  'single values, trial {0} of {1}': '单个值，第 {0} 次尝试，共 {1} 次',
  // passes/quantize/int8.ts
  'the model is quantised already; its scales are kept': '模型已经量化，保留其缩放系数',
  '{0} grids for activations, all of them given': '激活值的 {0} 个量化网格全部为已给定',
  '{0} grids for activations, {1} of them given, from {2} samples':
    '激活值的 {0} 个量化网格，其中 {1} 个已给定，取自 {2} 个样本',
  // passes/quantize/observe.ts
  'calibration, {0} of {1} samples': '校准，样本 {0} / {1}',
  // passes/quantize/warnings.ts
  'only {0} calibration samples; at least {1} make ranges reliable':
    '只有 {0} 个校准样本；至少 {1} 个才能得到可靠的范围',
  'never changed during calibration: {0}': '校准期间从未变化：{0}',
  'not a finite number now and then during calibration: {0}': '校准期间偶尔不是有限数：{0}',
  'a few outliers set the range of {0}': '少数离群值决定了 {0} 的范围',
  'the second half of the calibration samples goes far beyond the range of the first at {0}; more samples would tell the range':
    '在 {0} 处，后一半校准样本远超前一半的范围；更多样本才能确定范围',
  'every sample gets the same class at {0}': '所有样本在 {0} 处得到同一类别',
  // passes/reconstruct-blocks/reconstruct-blocks.ts
  'it would find nothing left to round: it takes the place of that pass': '那样就没有可舍入的了：它取代该步骤',
  '{0} samples, so that {1} MB are enough': '{0} 个样本，以便 {1} MB 够用',
  'block {0} of {1}': '块 {0} / {1}',
  '{0}: squared error {1} to {2}{3}; undecided {4} %': '{0}：平方误差 {1} 变为 {2}{3}；未定 {4} %',
  ', kept as it was': '，保持原样',
  '{0}: rounded layer by layer. {1}': '{0}：逐层舍入。{1}',
  // passes/share-weights/share.ts
  'share-weights: there is no layer {0}; there are {1}': 'share-weights：没有层 {0}；现有 {1}',
  '{0}: {1} distinct weights': '{0}：{1} 个不同的权重',
  // search/methods.ts
  'Weights of three values, one of them 0': '三值权重，其中之一为 0',
  'Weights of two values, one positive and one negative': '两值权重，一正一负',
  '{0}, rounded to nearest, one scale for each output channel.': '{0}，舍入到最近值，每个输出通道一个缩放系数。',
  'Weights of {0} bits': '{0} 位权重',
  '{0} % zero': '{0} % 为零',
  'The {0} % of the weights of the smallest magnitude are zero.': '绝对值最小的 {0} % 权重为零。',
  '8 bit': '8 位',
  '4 bit': '4 位',
  '3 bit': '3 位',
  '2 bit': '2 位',
  ternary: '三值',
  binary: '二值',
  '2 of 4': '4 取 2',
  'Of every four weights in a row the two largest stay.': '每行连续四个权重中保留最大的两个。',
  '16 values': '16 个值',
  'Weights share 16 values, found by k-means.': '权重共用 16 个值，由 k-means 求得。',
  // search/sensitivity.ts
  'layer {0} of {1}, {2}': '第 {0} 层，共 {1} 层，{2}',
  'all layers': '所有层',
  'line {0}: {1}': '第 {0} 行：{1}',
  'passes[{0}].pass: there is no pass "{1}"; there are {2}': 'passes[{0}].pass：没有步骤“{1}”；现有 {2}',
  'the whole recipe': '整个配方',
  'output error {0} after {1} trials, {2} values with a method of their own':
    '{1} 次尝试后输出误差 {0}，{2} 个值采用各自的方法',
}
