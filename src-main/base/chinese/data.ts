// Data sets and their files. English template to Chinese.

export const data: Readonly<Record<string, string>> = {
  // data/features.ts
  'an FFT of {0} points is shorter than a window of {1} samples': '{0} 点的 FFT 短于 {1} 个样本的窗口',
  'a recording of {0} samples is shorter than a window of {1}': '录音只有 {0} 个采样点，短于 {1} 的窗口',
  'mel bands up to {0} Hz need a rate of {1} Hz, the recordings have {2} Hz':
    '上限 {0} Hz 的梅尔频带需要 {1} Hz 的采样率，而录音是 {2} Hz',
  'mel bands from {0} to {1} Hz are none': '从 {0} 到 {1} Hz 的梅尔频带是空的',
  '{0} coefficients of {1} mel bands': '{1} 个梅尔频带给不出 {0} 个系数',
  // data/media.ts
  'Labels are from {0}.': '标签来自 {0}。',
  'Labels are the names of the folders.': '标签即文件夹名。',
  'Left out as asked ({0}): {1}.': '按要求略去（{0} 个）：{1}。',
  'Left out, as they are no samples ({0}): {1}.': '不是样本、已略去（{0} 个）：{1}。',
  'Not taken for the list of labels: {0}': '未当作标签列表：{0}',
  '{0} has more than {1} MiB.': '{0} 超过 {1} MiB。',
  'line {0} of {1} has another number of cells than the first.': '{1} 第 {0} 行的单元格数与第一行不同。',
  '{0} cannot be read as a table.': '{0} 不能作为表格读取。',
  '{0} files have no label, the first is {1}': '{0} 个文件没有标签，第一个是 {1}',
  'At {0} the pictures do not fit into memory together. All are brought to {1}.':
    '以 {0} 的尺寸，这些图像无法同时放入内存。已统一为 {1}。',
  // data/sounds.ts
  'Recorded at {0} Hz, resampled to {1} Hz.': '录制采样率 {0} Hz，已重采样到 {1} Hz。',
  'The recordings last from {0} to {1} s. All are brought to {2} s: longer ones ({3}) are cut, shorter ones end in silence.':
    '录音时长从 {0} 到 {1} 秒，已统一为 {2} 秒：较长的（{3} 段）被截短，较短的在末尾补静音。',
  'Recordings mixed to one channel: {0}.': '已混为单声道的录音：{0} 段。',
  // data/wav.ts
  'it is no WAV file': '它不是 WAV 文件',
  'its samples come before their format': '采样数据出现在格式说明之前',
  'it holds no samples': '它没有采样数据',
  'it names no format': '它没有写明格式',
  'its format ends too early': '格式部分不完整',
  'its samples are compressed (format {0})': '采样数据是压缩的（格式 {0}）',
  'samples of {0} bits are not read': '不支持 {0} 位的采样',
  'it has {0} channels': '它有 {0} 个声道',
  'its rate is {0} Hz': '它的采样率是 {0} Hz',
  'it ends early: {0} bytes of sound are declared, {1} are there': '文件不完整：声明有 {0} 字节声音，实际只有 {1}',
  'it holds no sound': '它没有声音',
  // data/bmp.ts
  'it ends within its header': '文件在头部内就结束了',
  'it is {0} by {1} pixels': '它是 {0} × {1} 像素',
  'bitmaps of {0} bits with compression {1} are not read': '不支持 {0} 位、压缩方式 {1} 的位图',
  '{0} by {1} pixels do not fit in {2} bytes': '{0} × {1} 像素放不进 {2} 字节',
  'its palette is missing': '缺少调色板',
  // data/csv.ts
  'it has no feature column': '没有特征列',
  'Left out as asked: the columns {0}.': '按要求略去列 {0}。',
  'two columns are called "{0}"': '有两列都叫“{0}”',
  'The first line holds numbers, so the columns have no names: they are counted from 1.':
    '第一行是数字，所以各列没有名称：从 1 开始编号。',
  '{0} bytes are too many for a CSV': '{0} 字节对 CSV 来说太大',
  'Labels are the column {0}.': '标签是 {0} 列。',
  'Labels are the column {0}, the only one with text.': '标签是 {0} 列，它是唯一含文本的列。',
  'Rows left out for their empty cells: {0}.': '因有空单元格而略去的行：{0} 行。',
  'Empty cells that got the mean of their column: {0}.': '用列均值填充的空单元格：{0}。',
  'line {0}: the split "{1}" is unknown': '第 {0} 行：未知的划分“{1}”',
  // data/dataset.ts
  '{0} has {1} samples, {2} has {3}': '{0} 有 {1} 个样本，{2} 有 {3} 个',
  '{0} for {1} samples': '{1} 个样本却有 {0} 个标签',
  'sample {0} has the class {1}': '样本 {0} 的类别是 {1}',
  'samples of shape [{0}] are empty': '形状为 [{0}] 的样本是空的',
  // data/fit.ts
  'a single number': '单个数值',
  // data/idx.ts
  'it does not start like an IDX file': '它的开头不像 IDX 文件',
  '[{0}] {1} needs {2} bytes, it has {3}': '[{0}] {1} 需要 {2} 字节，实际有 {3}',
  // data/images.ts
  'The pictures have {0} sizes, from {1} to {2}. All are brought to {3}.':
    '图片有 {0} 种尺寸，从 {1} 到 {2}，已统一为 {3}。',
  'the picture cannot be decoded ({0})': '图片无法解码（{0}）',
  'unknown reason': '原因未知',
  // data/inflate.ts
  '{0} claims to inflate from {1} to {2} bytes': '{0} 声称从 {1} 字节解压到 {2} 字节',
  '{0} inflates to {1} bytes and not {2}': '{0} 解压后是 {1} 字节，而不是 {2}',
  'the gzip stream': 'gzip 数据流',
  '{0} cannot be inflated ({1})': '{0} 无法解压（{1}）',
  // data/npy.ts
  'an array [{0}] of {1} bytes an element is declared, {2} bytes are there':
    '声明的数组是 [{0}]、每元素 {1} 字节，实际只有 {2} 字节',
  'texts of {0} letters': '{0} 个字符的文本',
  'elements of type {0}{1} cannot be read': '类型为 {0}{1} 的元素无法读取',
  'it is no NumPy array': '它不是 NumPy 数组',
  'its header of {0} bytes is longer than the file': '{0} 字节的头部比文件还长',
  'its header of {0} bytes is too long': '{0} 字节的头部太长',
  'its header is not understood: {0}': '无法理解其头部：{0}',
  'it has {0} dimensions': '它有 {0} 维',
  // data/npz.ts
  'it holds no arrays': '其中没有数组',
  'it holds {0} arrays': '其中有 {0} 个数组',
  'y_train and y_test are of different kinds': 'y_train 与 y_test 的类型不同',
  '{0} holds text': '{0} 是文本',
  'the parts of {0} differ in shape or type': '{0} 各部分的形状或类型不同',
  '{0} is a single number': '{0} 只是一个数',
  // data/open.ts
  'neither its name nor its first bytes say what it is': '文件名和开头的字节都看不出它是什么',
  'the folder is empty': '文件夹是空的',
  'the folder holds {0} data sets ({1})': '文件夹里有 {0} 个数据集（{1}）',
  'the folder holds only {0}': '文件夹里只有 {0}',
  // data/preprocess.ts
  'grey needs 3 channels, the samples have {0}': '转灰度需要 3 个通道，样本有 {0} 个',
  '{0} needs images, the samples have shape [{1}]': '{0} 需要图像，样本的形状是 [{1}]',
  'audio features need recordings, the samples have shape [{0}]': '音频特征需要录音，样本的形状是 [{0}]',
  'audio features need the rate of the recordings in Hz': '音频特征需要知道录音的采样率（Hz）',
  '{0} means for {1} channels': '{1} 个通道却给了 {0} 个均值',
  'a standard deviation is 0': '有一个标准差是 0',
  // data/raw.ts
  'line {0} has the class "{1}"': '第 {0} 行的类别是“{1}”',
  'it names {0}': '它提到了 {0}',
  'it names {0}, which is missing': '它提到了 {0}，但该文件不存在',
  '{0} bytes, the samples before have {1}': '有 {0} 字节，而前面的样本是 {1} 字节',
  '{0} bytes are not {1} equal samples': '{0} 字节不能等分成 {1} 个样本',
  // data/truth.ts
  'names in an array [{0}]': '名称出现在数组 [{0}] 中',
  // data/zip.ts
  'it is no zip archive, or its end is missing': '它不是 zip 压缩包，或缺少结尾部分',
  'its zip64 locator is missing': '缺少 zip64 定位记录',
  'its zip64 end record is missing': '缺少 zip64 结束记录',
  'its directory is broken': '目录已损坏',
  'the header of {0} is broken': '{0} 的头部已损坏',
  '{0} is encrypted': '{0} 已加密',
  '{0} is compressed by method {1}': '{0} 使用了压缩方法 {1}',
  '{0} is stored with two different sizes': '{0} 记录了两个不同的大小',
  'it ends too early: {0} bytes are needed at {1}, the file has {2}':
    '文件提前结束：在 {1} 处需要 {0} 字节，文件只有 {2}',
  '{0} bytes are missing at {1} of its directory': '目录的 {1} 处缺少 {0} 字节',
  'the order of classes leaves out {0}': '类别的顺序中缺少 {0}',
}
