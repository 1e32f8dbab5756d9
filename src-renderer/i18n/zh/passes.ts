// Passes, their parameters (title and description) and presets in Chinese, by the names that the host knows them by.

type Fields = Readonly<Record<string, readonly [title: string, description: string]>>

export interface PassWords {
  readonly title: string
  readonly description: string
  readonly fields?: Fields
}

const positions: Fields = { positionsPerSample: ['位置数', '每个校准样本中取用的卷积输出位置数。'] }
const damping: Fields = { damping: ['阻尼', '加到 Gram 矩阵对角线上的值，以其均值的比例表示；越大越不依赖校准数据。'] }
const sparsity: Fields = { sparsity: ['零的比例', '变为零的权重所占比例，0 到 0.99。'] }
const pruned: Fields = {
  layers: ['各层', '按层名或权重名为单个层指定比例；0 表示保持原样。'],
  minElements: ['最小层', '权重数少于此值的层保留全部权重，除非被单独指定。'],
}

const fewBits: Fields = {
  bits: ['位数', '每个权重的位数，2 到 8；或三值（ternary）、二值（binary）。'],
  scheme: ['方式', '以零为中心，或带零点。'],
  granularity: ['缩放粒度', '整个张量一个、每个输出通道一个，或每个输出的每组输入一个。'],
  groupSize: ['组大小', '一行中共用一个缩放的权重数；仅用于全连接层和 1x1 卷积。'],
  groupScales: ['组缩放', 'integer：通道缩放的整数倍，设备可精确保存；free：仅用于主机和导出。'],
  powerOfTwo: ['2 的幂', '缩放取 2 的幂。'],
  range: ['范围', '缩放使何者最小：无（全范围）、平方误差、误差的幂、散度。'],
  method: ['舍入', '取最近值，或使该层输出变化最小（GPTQ、AdaRound）。'],
  layers: ['各层', '按层名或权重名指定单个层：位数、float（留给后续步骤）或各项设置。'],
  ends: ['首层与末层', '首层和末层的位数，或与其他层相同。'],
  keepZeros: ['保留零', '为零的权重保持为零，使剪枝过的层保持稀疏。'],
  power: ['幂', '误差的幂，用于范围 lp。'],
  damping: ['阻尼', '加到输入矩阵对角线上的值，以其均值的比例表示。'],
  blockSize: ['块大小', 'GPTQ 更新其余部分之前舍入的列数。'],
  iterations: ['迭代次数', '每层 AdaRound 的步数。'],
  correctInputs: ['补偿前面的层', '以浮点模型的输出为目标，输入则取前面各层量化后的结果。'],
  sweeps: ['细化', '逐个移动权重一步以减小输出误差的轮数。'],
  samples: ['样本数', '最多使用的校准样本数。'],
  positions: ['位置数', '每个样本中取用的卷积输出位置数。'],
}

export const passes: Readonly<Record<string, PassWords>> = {
  'widen-floats': { title: '统一浮点类型', description: '把半精度、bfloat16 和双精度转换为 float32。' },
  'fold-constants': {
    title: '常量折叠',
    description: '不依赖输入的部分只计算一次，并保存结果。',
    fields: { maxElements: ['最大结果', '元素更多的结果仍在运行时计算。'] },
  },
  'canonical-activations': {
    title: '识别激活函数',
    description: '识别各种写法的 ReLU、ReLU6 和 hard-swish，各合为一个算子。',
  },
  'canonical-linear': {
    title: '统一线性层',
    description: '把 MatMul（及其后的 Add）和所有 Gemm 写成权重按输出行排列的 Gemm。',
  },
  'fold-batch-norm': { title: '折叠批归一化', description: '把逐通道的缩放和平移并入相邻的权重和偏置。' },
  'fold-pad': { title: '折叠填充', description: '把零填充并入其后的卷积或池化。' },
  'remove-dead': {
    title: '移除无用节点',
    description: '移除没有作用的节点（Identity、Dropout、空的重排与转置）和无人使用的结果。',
  },
  'remove-identities': { title: '移除恒等运算', description: '移除没有作用的算术运算和重复计算的结果。' },
  'cancel-transposes': { title: '抵消转置', description: '把转置移过逐元素算子，直到彼此抵消。' },
  'fuse-linear': { title: '合并线性层', description: '两层之间没有其他运算且合并更省时，把它们相乘合并。' },
  'constant-batch': {
    title: '固定批大小',
    description: '把输入的符号化第一维设为固定数值。',
    fields: { size: ['批大小', '一次运行的样本数。'] },
  },
  factorize: {
    title: '低秩分解',
    description: '在能节省权重和乘法的地方，把大的层写成两个较窄的层。',
    fields: {
      rank: ['秩', '保留一定比例输出能量的最小秩，或权重比例之内的最大秩。'],
      energy: ['能量', '保留的输出能量比例。'],
      share: ['权重', '两个层合计可占原权重的比例。'],
      leastSaving: ['最少节省', '节省的权重和乘法少于此比例的层保持原样。'],
      activations: ['按激活加权', '用校准时的输入衡量误差；否则各输入同等对待。'],
      kernels: ['层', '全连接层和 1x1 卷积，或也包括更大的卷积。'],
      minElements: ['最小层', '权重数少于此值的层保持原样。'],
      ...positions,
    },
  },
  'prune-channels': {
    title: '移除通道',
    description: '移除整个通道及所有依赖它的部分；剩下的是更小的稠密网络。',
    fields: {
      share: ['通道', '移除的通道比例。'],
      importance: ['选择依据', '后续层补偿后剩余的误差；权重大小；激活大小。'],
      allocation: ['分配', '每组相关通道各移除此比例，或整体移除此比例并使误差最小。'],
      reconstruct: ['补偿', '用校准样本以最小二乘为读取这些通道的层重新拟合权重。'],
      minChannels: ['最少通道', '通道组不会小于此值。'],
      keep: ['保留', '按名称列出的层保留全部输出通道。'],
      ...damping,
      ...positions,
    },
  },
  'prune-magnitude': {
    title: '剪除小权重',
    description: '把最接近零的权重置为零，便于压缩存储。',
    fields: { ...sparsity, scope: ['比较范围', '每层各取此比例的零，或所有层共用一个阈值。'], ...pruned },
  },
  'prune-activation': {
    title: '按权重与激活剪枝',
    description: '对每个输出，把输入与权重合起来最小的权重置为零。',
    fields: { ...sparsity, ...pruned, ...positions },
  },
  'prune-nm': {
    title: 'n:m 剪枝',
    description: '每 m 个相邻权重保留 n 个，例如 2:4。',
    fields: {
      n: ['保留数', '每组保留的权重数。'],
      m: ['组大小', '相邻的权重数。'],
      score: ['选择依据', '权重大小；权重乘激活；二阶信息（同时调整保留的权重）。'],
      ...pruned,
      ...damping,
      ...positions,
    },
  },
  'prune-obs': {
    title: '二阶剪枝',
    description: '把对输出影响最小的权重置为零，并调整其余权重加以补偿。',
    fields: {
      ...sparsity,
      allocation: ['分配', '每层各取此比例的零，或整体取此比例并使逐层误差之和最小。'],
      ...pruned,
      ...damping,
      ...positions,
    },
  },
  'share-weights': {
    title: '权重共享',
    description: '用 k-means 为每层找出由少量不同权重组成的码本。',
    fields: {
      k: ['码本大小', '一层中不同权重的个数。'],
      weighting: ['加权方式', '权重误差的计法：同等、按输入，或按输入并计入其他权重能补偿的部分。'],
      compensate: ['传递误差', '后面的权重补偿前面的误差；需要校准数据。'],
      scales: ['缩放', '每个输出通道一个，或每个张量一个。'],
      scope: ['码本', '每层一个、全部共用一个，或由码本占字节十分之一以上的层共用。'],
      layers: ['各层', '按层名或权重名为单个层指定码本大小；0 表示保持原样。'],
      minElements: ['最小层', '权重数少于此值的层保持原样，除非被单独指定。'],
      ...damping,
      ...positions,
    },
  },
  equalize: {
    title: '通道均衡',
    description: '在层之间缩放通道，使一个缩放适合所有通道；网络的计算结果不变。',
    fields: {
      clip: ['ReLU6', '中间有 ReLU6 的层保持原样，或把 ReLU6 改为 ReLU（会改变网络）。'],
      rounds: ['轮数', '依次处理所有层对的次数。'],
      absorb: ['吸收高偏置', '把 ReLU 几乎从不截断的部分移到其后的偏置，幅度由批归一化得知。'],
    },
  },
  'quantize-weights': {
    title: '低位宽权重量化',
    description: '权重变为 2 到 8 位整数、三值或二值；舍入可以补偿自身的误差。',
    fields: fewBits,
  },
  'reconstruct-blocks': {
    title: '逐块权重量化',
    description: '与低位宽权重量化相同，然后以块原来的输出为目标，共同优化块内所有权重的舍入。',
    fields: {
      ...fewBits,
      blockLayers: ['每块层数', '用于普通链式结构；残差块保持完整。'],
      steps: ['步数', '每块优化的步数。'],
      batch: ['批大小', '每步的样本数。'],
      learningRate: ['学习率', '决定权重是否向上舍入的变量的学习率（Adam）。'],
      regularization: ['正则化', '促使权重取整数的强度，以梯度大小的比例表示。'],
      scales: ['同时优化缩放', '权重的缩放一并优化，除非是 2 的幂或分组。'],
      scaleRate: ['缩放的学习率', '缩放取对数后的学习率（Adam）；逐渐降为 0。'],
      biases: ['同时优化偏置', '偏置与权重一并优化。'],
      biasRate: ['偏置的学习率', '以其均方根的比例表示（Adam）；逐渐降为 0。'],
      importance: ['按重要性加权', '块之间的元素按网络输出对其依赖程度计入。'],
      memory: ['内存', '用于块之间的数值；样本放不下时减少样本。'],
    },
  },
  'bias-correct': {
    title: '偏置校正',
    description: '使每层的平均输出恢复到权重改变之前。',
    fields: {
      method: ['均值', '在校准样本上测得，或由批归一化的统计量计算。'],
      samples: ['样本数', '最多使用的校准样本数。'],
    },
  },
  'quantize-int8': {
    title: '8 位量化',
    description: '权重、偏置和激活变为整数；范围由校准样本得出。',
    fields: {
      method: ['范围', '如何确定各激活的范围；auto 取输出误差最小的方法。'],
      percentile: ['百分位', '范围内元素的比例，用于 percentile 方法。'],
      weights: ['权重缩放', '每个输出通道一个，或每个张量一个。'],
      maxTrials: ['试验次数', '使用 auto 时，对单个值尝试其他方法的次数。'],
      correctBiases: ['校正偏置', '使每层的平均输出恢复到之前。'],
      trialSamples: ['每次试验的样本', '使用 auto 时，每次试验运行的校准样本数。'],
    },
  },
  'convert-floats': {
    title: '半精度权重',
    description: '用 16 位保存浮点权重，读取时再转换回来。',
    fields: {
      type: ['类型', 'float16：11 位有效位，最大 65504；bfloat16：8 位有效位，范围同 float32。'],
      minElements: ['最小常量', '元素数少于此值的常量保持 float32。'],
    },
  },
}

/** Title and description. */
export const presets: Readonly<Record<string, readonly [string, string]>> = {
  float: ['浮点', '只折叠常量；所有权重保持完整精度。'],
  int8: ['8 位', '权重和激活均为 8 位；范围取实测误差最小者。'],
  'int8-minmax': ['8 位，全范围', '8 位；范围包含校准中出现的所有值。'],
  'int8-percentile': ['8 位，百分位', '8 位；截去最罕见的大值。'],
  'int8-mse': ['8 位，平方误差', '8 位；范围使舍入的平方误差最小。'],
  'int8-kl': ['8 位，熵', '8 位；范围最好地保持分布（KL 散度）。'],
  'int8-pruned': ['8 位，一半权重为零', '每个大层中最接近零的一半权重置为零，然后量化为 8 位；不做训练。'],
  w4a8: ['4 位权重', '权重 4 位，激活 8 位；舍入会补偿自身误差（GPTQ）。'],
  'w4a8-adaround': ['4 位权重，AdaRound', '权重 4 位；每个权重向上还是向下舍入由学习得出。'],
  'w4a8-nearest': ['4 位权重，普通舍入', '权重 4 位，各取最近值。'],
  'w4a8-po2': ['4 位权重，缩放为 2 的幂', '权重 4 位，以移位代替缩放；舍入会补偿自身误差（GPTQ）。'],
  'w4a8-blocks': ['4 位权重，逐块', '权重 4 位，激活 8 位；多层的舍入共同优化。'],
  'w3a8-blocks': ['3 位权重，逐块', '权重 3 位；多层的舍入共同优化。'],
  'w2a8-blocks': ['2 位权重，逐块', '权重 2 位；首层和末层为 8 位；多层的舍入共同优化。'],
  'w4a8-groups': ['4 位权重，分组', '权重 4 位，一行中每 32 个共用一个缩放；舍入会补偿自身误差（GPTQ）。'],
  'w4-groups': [
    '4 位权重分组，激活为浮点',
    '权重 4 位，一行中每 128 个共用一个缩放；不需要样本。用于导出：微控制器不做浮点计算。',
  ],
  w3a8: ['3 位权重', '权重 3 位；舍入会补偿自身误差（GPTQ）。'],
  w2a8: ['2 位权重', '权重 2 位；首层和末层为 8 位；舍入会补偿自身误差（GPTQ）。'],
  ternary: ['三值权重', '每个权重为 -1、0 或 1 乘以通道缩放；首层和末层为 8 位。'],
  binary: ['二值权重', '每个权重为 -1 或 1 乘以通道缩放；首层和末层为 8 位。'],
  'pruned-50': ['8 位，剪除一半权重', '一半权重为零，其余加以调整。'],
  'pruned-70': ['8 位，剪除大部分权重', '70 % 的权重为零，影响小的地方更多。'],
  'pruned-2-4': ['8 位，2:4 剪枝', '每四个权重中两个为零，其余加以调整。'],
  'channels-third': ['8 位，移除三分之一通道', '更小的稠密网络，按原网络拟合。'],
  'low-rank': ['8 位，低秩', '大的全连接层变为两个较窄的层，然后量化为 8 位。'],
  'codebook-16': ['8 位，每层 16 个权重', '每层只有 16 个不同的权重：每个 4 位，加一张表。'],
  'pruned-codebook-16': ['8 位，剪枝，每层 16 个权重', '一半权重为零，其余取 15 个值之一。'],
}
