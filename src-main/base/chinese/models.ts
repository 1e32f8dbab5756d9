// Model files, their operators and shapes. English template to Chinese.

export const models: Readonly<Record<string, string>> = {
  // codecs/float/float.ts
  'it is too long': '它太长',
  'it ends too early': '数据提前结束',
  'its tables are impossible': '表的内容不可能成立',
  'The file': '该文件',
  'a stream of floats is damaged: {0}': '浮点数据流已损坏：{0}',
  // codecs/parallel.ts
  'exit status {0}': '退出状态 {0}',
  // engine/gradient/backward.ts
  'the size of {0} is not known': '{0} 的大小未知',
  '{0} is not constant': '{0} 不是常量',
  // engine/gradient/differentiate.ts
  'more than its first output is used': '它的第一个输出以外的输出也被使用',
  'there is no rule for it': '它没有求导规则',
  // engine/gradient/rules/dense.ts
  'one of its inputs is a vector': '它的一个输入是向量',
  // engine/gradient/rules/layout.ts
  'its mode is not constant': '它的模式不是常量',
  'it takes elements away': '它会去掉元素',
  'it has no pads': '它没有 pads',
  // engine/gradient/rules/pooling.ts
  'it has no kernel_shape': '它没有 kernel_shape',
  // engine/gradient/rules/window.ts
  'it has {0} spatial dimensions': '它有 {0} 个空间维度',
  // engine/host-tensor.ts
  'input {0} is of type {1}': '输入 {0} 的类型是 {1}',
  'an output holds text': '某个输出是文本',
  'an output is of type {0}': '某个输出的类型是 {0}',
  // formats/container/chunk.ts
  'a chunk ends too early': '某个块提前结束',
  'a table of segments ends too early': '段表提前结束',
  'a chunk holds more than its segments': '某个块的内容多于其各段',
  'a member deflates to another length than it should': '某个成员解压后的长度不符',
  'a table of {0} bytes': '{0} 字节的表',
  'there is no coding {0} of tables': '没有编号为 {0} 的表编码',
  'a table has another length than it says': '某个表的长度与所写不符',
  'a table cannot be decompressed': '某个表无法解压',
  '{0} segments in a chunk': '一个块中有 {0} 个段',
  'a chunk is too large': '某个块太大',
  'a deflated member is impossible': '某个压缩成员不可能成立',
  // formats/container/decode.ts
  'it holds more than it says': '内容比它所写的多',
  '{0} bytes come out of it instead of {1}': '解出 {0} 字节，应为 {1}',
  'it is a pack for a device': '这是面向设备的打包文件',
  'it does not begin with SWTS': '它不以 SWTS 开头',
  'it has version {0}, this program reads {1}': '它的版本是 {0}，本程序读取 {1}',
  'its header does not match its checksum': '头部与校验和不符',
  'its header is impossible': '头部不可能成立',
  'a table of files of {0} bytes': '{0} 字节的文件表',
  'its table of files does not match its checksum': '文件表与校验和不符',
  'its table of files ends too early': '文件表提前结束',
  'its files are longer than it says': '其中的文件比它所写的长',
  'a chunk of {0} bytes at {1}': '{1} 处 {0} 字节的块',
  'the chunk at {0} does not match its checksum': '{0} 处的块与校验和不符',
  'what comes out of it does not match the SHA-256 of the original': '解出的内容与原文件的 SHA-256 不符',
  'there is something behind its end': '结尾之后还有内容',
  // formats/container/encode.ts
  '{0} files beside it': '旁边的 {0} 个文件',
  'its external data': '它的外部数据',
  'the file': '该文件',
  // formats/container/file-table.ts
  '{0} files beside the model': '模型旁边的 {0} 个文件',
  'a file cannot be called {0}': '文件不能名为 {0}',
  'its table of files is impossible': '它的文件表不可能成立',
  // formats/container/npz-spans.ts
  'its directory has {0} bytes': '它的目录有 {0} 字节',
  'the end of the archive is missing': '缺少压缩包的结尾',
  'the member {0} is not where the directory says': '成员 {0} 不在目录所写的位置',
  'the member {0} goes beyond the file': '成员 {0} 超出文件',
  'an extra field is broken': '附加字段已损坏',
  'its directory goes beyond the file': '目录超出文件',
  // formats/container/segment.ts
  'there is no coding {0}': '没有编号为 {0} 的编码',
  'byte planes end too early': '字节平面提前结束',
  'byte planes of {0} bytes': '{0} 字节的字节平面',
  'there is more after the byte planes': '字节平面之后还有内容',
  'integers end too early': '整数提前结束',
  'a codec is unknown': '编解码器未知',
  'the shape of integers is impossible': '整数的形状不可能成立',
  '{0} bytes where {1} belong': '应有 {1} 字节，实际 {0} 字节',
  // formats/container/tflite-spans.ts
  '{0} entries': '{0} 项',
  '{0} dimensions': '{0} 维',
  // formats/onnx/attributes.ts
  'attribute {0} of node {1}': '节点 {1} 的属性 {0}',
  'has no name': '没有名称',
  'has type {0}, which cannot be read': '类型为 {0}，无法读取',
  // formats/onnx/decode.ts
  'a field has no valid number': '某个字段的编号无效',
  'the field has wire type {0} instead of {1}': '字段的线路类型是 {0}，应为 {1}',
  'messages are nested more than {0} deep': '消息嵌套超过 {0} 层',
  'it is full of nothing': '其中全是空内容',
  'a node has no operator': '某个节点没有算子',
  // formats/onnx/external.ts
  '(no file named)': '（未写文件名）',
  "is not in the model's folder": '不在模型的文件夹中',
  'is missing': '不存在',
  'has an offset that is no number': '的偏移不是数字',
  'has a length that is no number': '的长度不是数字',
  'ends too early: {0} bytes are needed, {1} are there': '提前结束：需要 {0} 字节，只有 {1}',
  // formats/onnx/graph-builder.ts
  'sparse tensors': '稀疏张量',
  'an initialiser has no name': '某个初始值没有名称',
  'the initialisers': '初始值',
  'an input has no name': '某个输入没有名称',
  'the inputs': '输入',
  'a type that is no tensor': '非张量的类型',
  '{0} is no size': '{0} 不是大小',
  // formats/onnx/lift-quantization.ts
  'Node {0} ({1}) stays as it is: its quantisation cannot be read from the file.':
    '节点 {0}（{1}）保持原样：无法从文件读出它的量化参数。',
  // formats/onnx/read.ts
  'there is no graph in it': '其中没有计算图',
  'local functions': '局部函数',
  'it does not say which opset it uses': '它没有写明使用的 opset',
  // formats/onnx/tensor-data.ts
  '[{0}] of 4 bits takes {1} bytes, {2} are there': '4 位的 [{0}] 需要 {1} 字节，实际有 {2}',
  'element type {0}': '元素类型 {0}',
  'the tensor has {0} dimensions': '该张量有 {0} 维',
  '[{0}] is not a shape': '[{0}] 不是形状',
  '[{0}] of {1} takes {2} bytes, {3} are there': '{1} 的 [{0}] 需要 {2} 字节，实际有 {3}',
  '[{0}] takes {1} elements, {2} are there': '[{0}] 需要 {1} 个元素，实际有 {2}',
  // formats/onnx/wire.ts
  '{0}, byte {1}': '{0}，第 {1} 字节',
  'a number has more than ten bytes': '某个数超过十个字节',
  'there is no wire type {0}': '没有线路类型 {0}',
  // formats/shoe/names.ts
  'the length of a name in bytes': '名称的字节长度',
  'a name refers to one that is not there': '某个名称引用了不存在的名称',
  // formats/shoe/read-coded.ts
  'tensor {0} is stored in an unknown way': '张量 {0} 的存储方式未知',
  'tensor {0} cannot be coded': '张量 {0} 不能被编码',
  'its coded tensors are impossibly large': '编码张量大得不可能成立',
  'tensor {0} lies outside its memory': '张量 {0} 超出其内存',
  'tensor {0} has an unknown codec': '张量 {0} 的编解码器未知',
  'tensor {0} has impossible rows': '张量 {0} 的行不可能成立',
  'tensor {0} is coded as {1}, which cannot be read here': '张量 {0} 的编码是 {1}，此处无法读取',
  'tensor {0} cannot be decoded': '张量 {0} 无法解码',
  // formats/shoe/read-params.ts
  'operator {0} has the unknown code {1}': '算子 {0} 的代码 {1} 未知',
  'operator {0} ({1}) has {2} inputs': '算子 {0}（{1}）有 {2} 个输入',
  'operator {0} ({1}) has scratch memory': '算子 {0}（{1}）带有临时内存',
  'operator {0} has weights of rank 1': '算子 {0} 的权重是一维的',
  'operator {0} refers to factors past the end': '算子 {0} 引用的系数超出末尾',
  'operator {0} refers to a table past the end': '算子 {0} 引用的表超出末尾',
  'operator {0} has an unknown padding mode': '算子 {0} 的填充模式未知',
  'operator {0} pads to a smaller shape': '算子 {0} 填充后的形状反而更小',
  // formats/shoe/read.ts
  '{0} ends too early ({1} bytes needed at {2}, {3} left)': '{0} 提前结束（在 {2} 处需要 {1} 字节，只剩 {3}）',
  'port {0} is not a tensor of the arena': '端口 {0} 不是张量区里的张量',
  'the header': '头部',
  'format version {0}, this version of Shoehorn reads 1 to {1}': '格式版本 {0}，本版本 Shoehorn 读取 1 到 {1}',
  'the header is damaged': '头部已损坏',
  'it should have {0} bytes and has {1}': '应有 {0} 字节，实际有 {1}',
  'section {0} is out of place': '段 {0} 位置不对',
  'section {0} is damaged': '段 {0} 已损坏',
  'PLAN is shorter than its counts say': 'PLAN 短于它的计数',
  'TENSORS is shorter than its count says': 'TENSORS 短于它的计数',
  'the sizes in TENSORS': 'TENSORS 中的大小',
  'tensor {0} has an impossible rank': '张量 {0} 的维数不可能成立',
  'tensor {0} has the impossible shape [{1}]': '张量 {0} 的形状 [{1}] 不可能成立',
  'tensor {0} is int32 in the arena': '张量 {0} 在张量区中却是 int32',
  'tensor {0} is not aligned': '张量 {0} 没有对齐',
  'REQUANT is shorter than its count says': 'REQUANT 短于它的计数',
  'a factor in REQUANT is out of range': 'REQUANT 中有系数超出范围',
  'there is no tensor {0}': '没有张量 {0}',
  'operator {0} overlaps the one before': '算子 {0} 与前一个重叠',
  'operator {0} writes to a constant': '算子 {0} 写入了常量',
  // formats/shoe/write-params.ts
  'a parameter of {0}': '{0} 的一个参数',
  // formats/shoe/write.ts
  'the table of a coded tensor in bytes': '编码张量的表的字节数',
  'the number of tensors': '张量数',
  'the number of operators': '算子数',
  'the arena in bytes': '张量区的字节数',
  'the number of inputs of {0}': '{0} 的输入数',
  'the plan in bytes': '计划的字节数',
  'the number of elements of {0}': '{0} 的元素数',
  'the number of different sizes': '不同大小的个数',
  // formats/tflite/builder.ts
  'the graph inputs': '计算图的输入',
  'the constant {0} has {1} dimensions, at most {2} fit': '常量 {0} 有 {1} 维，最多容纳 {2} 维',
  'elements of type {0} cannot be held': '类型为 {0} 的元素无法保存',
  // formats/tflite/constant.ts
  'constant of type {0}': '类型为 {0} 的常量',
  // formats/tflite/flatbuffer.ts
  'a vtable of {0} bytes': '{0} 字节的 vtable',
  'an offset that points at itself': '指向自身的偏移',
  'an offset before the start of the file ({0})': '文件开头之前的偏移（{0}）',
  'its parts overlap so often that it describes far more than it holds': '各部分重叠过多，描述的内容远多于它所含的',
  // formats/tflite/model.ts
  'the mark TFL3 is missing': '缺少 TFL3 标记',
  'operator code': '算子代码',
  'it holds no graph': '其中没有计算图',
  'it names tensor {0} of {1}': '它提到第 {0} 个张量，共 {1} 个',
  'it names operator code {0} of {1}': '它提到第 {0} 个算子代码，共 {1} 个',
  'the options of {0} ({1})': '{0}（{1}）的选项',
  'the shape [{0}]': '形状 [{0}]',
  'an unknown element type ({0})': '未知的元素类型（{0}）',
  "a tensor in TFLite's sparse form, which is not read": '采用 TFLite 稀疏格式的张量，不支持读取',
  'it names buffer {0}': '它提到缓冲区 {0}',
  'its {0} bytes at {1} are not in the file': '它在 {1} 处的 {0} 字节不在文件中',
  '{0} bytes of data where [{1}] {2} has {3}': '有 {0} 字节数据，而 [{1}] {2} 应有 {3}',
  'the quantisation of {0}': '{0} 的量化参数',
  '{0} scales for dimension {1} of [{2}]': '[{2}] 的第 {1} 维却有 {0} 个缩放系数',
  'a scale that is no number from 0 up': '缩放系数不是非负数',
  '{0} zero points for {1} scales': '{1} 个缩放系数却有 {0} 个零点',
  // formats/tflite/ops/conv.ts
  'its filter {0} is not a constant': '它的卷积核 {0} 不是常量',
  '{0} input channels, a filter of {1} and {2} outputs do not agree': '{0} 个输入通道、{1} 的卷积核与 {2} 个输出不一致',
  '{0} input channels and a filter [{1}] do not agree': '{0} 个输入通道与卷积核 [{1}] 不一致',
  'an input [{0}], weights [{1},{2}] and an output [{3}] do not agree':
    '输入 [{0}]、权重 [{1},{2}] 与输出 [{3}] 不一致',
  'its weights are in a shuffled order': '它的权重采用了打乱的顺序',
  // formats/tflite/ops/convert.ts
  'input {0} is missing': '缺少输入 {0}',
  'it has no output': '它没有输出',
  'input {0} has to be a constant': '输入 {0} 必须是常量',
  '{0} has shape [{1}], not {2} dimensions': '{0} 的形状是 [{1}]，而不是 {2} 维',
  'is {0} of {1} dimensions': '在 {1} 维中是 {0}',
  'filter size': '滤波窗口大小',
  'fused activation': '融合的激活函数',
  'is unknown': '未知',
  '{0} is not supported': '不支持 {0}',
  // formats/tflite/ops/elementwise.ts
  '{0} inputs, {1} expected': '有 {0} 个输入，应为 {1} 个',
  'its output type is unknown': '它的输出类型未知',
  // formats/tflite/ops/reduce.ts
  'a beta of {0} with integers is not supported': '不支持整数运算下 beta 为 {0}',
  'it has no axis': '它没有轴',
  // formats/tflite/ops/shape.ts
  '[{0}] and [{1}] hold different numbers of elements': '[{0}] 与 [{1}] 的元素个数不同',
  '[{0}] is no order of {1} dimensions': '[{0}] 不是 {1} 维的排列',
  'an output has no dimension {0}': '某个输出没有第 {0} 维',
  'parts of [{0}] do not make {1}': '[{0}] 的各部分加起来不是 {1}',
  'holds a 0': '含有 0',
  'paddings [{0}] for {1} dimensions': '{1} 维却有填充 [{0}]',
  'its padding value has to be a constant': '它的填充值必须是常量',
  '[{0}] to [{1}]: only images of 4 dimensions': '[{0}] 到 [{1}]：仅支持四维图像',
  // ir/infer.ts
  '{0} is declared as [{1}], but its inputs make it [{2}]': '{0} 声明为 [{1}]，但由输入得到 [{2}]',
  // ir/ops/broadcast.ts
  'shapes [{0}] and [{1}] do not broadcast': '形状 [{0}] 与 [{1}] 不能广播',
  // ir/ops/cast.ts
  'element type {0} is not supported': '不支持元素类型 {0}',
  // ir/ops/concat.ts
  'there are no inputs': '没有输入',
  'input {0} has shape [{1}], input 0 has [{2}]': '输入 {0} 的形状是 [{1}]，输入 0 是 [{2}]',
  'dimension {0} of input {1}': '输入 {1} 的第 {0} 维',
  // ir/ops/constant.ts
  'it has no value': '它没有值',
  'the shape [{0}] has a negative size': '形状 [{0}] 含有负数',
  // ir/ops/conv-transpose.ts
  'weights of shape [{0}] do not fit an input of shape [{1}]': '形状为 [{0}] 的权重与形状为 [{1}] 的输入不匹配',
  'the number of input channels': '输入通道数',
  'the length of the bias': '偏置的长度',
  'the padding leaves nothing of dimension {0}': '填充使第 {0} 维什么也不剩',
  // ir/ops/conv.ts
  'the input has {0} channels, the weights [{1}] with group {2} take {3}':
    '输入有 {0} 个通道，分组为 {2} 的权重 [{1}] 需要 {3} 个',
  '{0} filters do not divide into {1} groups': '{0} 个滤波器不能均分为 {1} 组',
  // ir/ops/dims.ts
  '{0} {1} is outside a tensor of rank {2}': '{0} {1} 超出 {2} 维张量',
  'at least {0}': '至少 {0}',
  '{0} to {1}': '{0} 到 {1}',
  'input of shape [{0}] must have rank {1}': '形状为 [{0}] 的输入必须是 {1} 维',
  '{0} is {1}, expected {2}': '{0} 是 {1}，应为 {2}',
  // ir/ops/elementwise.ts
  'a slope of shape [{0}] does not fit an input of shape [{1}]': '形状为 [{0}] 的斜率与形状为 [{1}] 的输入不匹配',
  // ir/ops/gemm.ts
  'the number of rows of the second matrix': '第二个矩阵的行数',
  'a bias of shape [{0}] does not fit a product of shape [{1}]': '形状为 [{0}] 的偏置与形状为 [{1}] 的乘积不匹配',
  // ir/ops/indexing.ts
  'an index of [{0}] is outside a size of {1}': '[{0}] 中有索引超出大小 {1}',
  // ir/ops/layout.ts
  'dimension {0} of [{1}] is not 1': '[{1}] 的第 {0} 维不是 1',
  'axes are missing': '缺少轴',
  'perm [{0}] does not fit an input of shape [{1}]': 'perm [{0}] 与形状为 [{1}] 的输入不匹配',
  // ir/ops/normalization.ts
  'the scale': '缩放',
  'the bias': '偏置',
  'the mean': '均值',
  'the variance': '方差',
  'the length of {0}': '{0}的长度',
  // ir/ops/pad.ts
  'pads are missing': '缺少 pads',
  'mode {0} is not known': '未知的模式 {0}',
  'pads [{0}] must have {1} entries': 'pads [{0}] 必须有 {1} 项',
  'pads [{0}] leave nothing of dimension {1} of [{2}]': 'pads [{0}] 使 [{2}] 的第 {1} 维什么也不剩',
  // ir/ops/reshape.ts
  '0 in the target [{0}] has no size to copy in [{1}]': '目标 [{0}] 中的 0 在 [{1}] 里没有可复制的大小',
  'the target [{0}] has a negative size': '目标 [{0}] 含有负数',
  'the target [{0}] leaves two sizes open': '目标 [{0}] 有两个未定的大小',
  '[{0}] cannot be reshaped to sizes with a 0': '[{0}] 不能变形为含 0 的大小',
  '[{0}] cannot be reshaped to [{1}] and one more': '[{0}] 不能变形为 [{1}] 再加一维',
  '[{0}] cannot be reshaped to [{1}]': '[{0}] 不能变形为 [{1}]',
  // ir/ops/resize.ts
  'sizes [{0}] do not fit an input of shape [{1}]': '尺寸 [{0}] 与形状为 [{1}] 的输入不匹配',
  'scales [{0}] do not fit an input of shape [{1}]': '比例 [{0}] 与形状为 [{1}] 的输入不匹配',
  'scale {0} is not positive': '比例 {0} 不是正数',
  // ir/ops/slice.ts
  'starts or ends are missing': '缺少 starts 或 ends',
  'starts, ends, axes and steps differ in length': 'starts、ends、axes 与 steps 长度不同',
  'a step is 0': '步长为 0',
  // ir/ops/split.ts
  'num_outputs is {0}, the node has {1} outputs': 'num_outputs 是 {0}，节点有 {1} 个输出',
  '{0} does not divide into {1} parts': '{0} 不能均分为 {1} 份',
  'split [{0}] does not fit a size of {1} and {2} outputs': 'split [{0}] 与大小 {1} 和 {2} 个输出不匹配',
  // ir/ops/window.ts
  'kernel_shape is missing': '缺少 kernel_shape',
  'kernel_shape [{0}] does not have {1} entries': 'kernel_shape [{0}] 没有 {1} 项',
  "kernel_shape [{0}] differs from the weights' [{1}]": 'kernel_shape [{0}] 与权重的 [{1}] 不同',
  '{0} [{1}] must be {2} positive numbers': '{0} [{1}] 必须是 {2} 个正数',
  'auto_pad {0} is not known': '未知的 auto_pad {0}',
  'the window does not fit: size {0}, kernel {1} in dimension {2}': '窗口放不下：第 {2} 维大小 {0}，核 {1}',
  // ir/sort.ts
  'The model': '该模型',
  '{0} and {1} more': '{0} 等，另有 {1} 个',
  // ir/verify.ts
  'graph output': '计算图输出',
  'the constants': '常量',
  'the node name is empty or taken': '节点名为空或重复',
  'it has no type': '它没有类型',
  'the shape [{0}] is not one': '形状 [{0}] 不成立',
  'its elements are {0}, its type says {1}': '它的元素是 {0}，类型写的是 {1}',
  'its shape is [{0}], its type says [{1}]': '它的形状是 [{0}]，类型写的是 [{1}]',
  'quantisation of {0}': '{0} 的量化参数',
  'there are {0} scales and {1} zero points': '有 {0} 个缩放系数和 {1} 个零点',
  '{0} scales have no axis': '{0} 个缩放系数没有轴',
  '{0} scales do not fit axis {1} of [{2}]': '{0} 个缩放系数与 [{2}] 的轴 {1} 不匹配',
  'a scale is not a positive float32': '某个缩放系数不是正的 float32',
  'the range {0} to {1} does not fit {2}': '{0} 到 {1} 的范围放不进 {2}',
  'a zero point is outside the type': '某个零点超出类型范围',
  'begin [{0}] and size [{1}] for {2} dimensions': '{2} 维却有 begin [{0}] 和 size [{1}]',
  'begin [{0}], end [{1}], strides [{2}] for [{3}]': '[{3}] 却有 begin [{0}]、end [{1}]、strides [{2}]',
}
