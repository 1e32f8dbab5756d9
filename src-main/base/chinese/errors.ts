// The error catalogue (src-main/base/catalogue.ts) in Chinese, with the same placeholders. `{problem}` and `{help}` come from
// where the error happened; their rows are in the other files of this folder.
import type { ErrorCode } from '../errors.ts'

interface Entry {
  readonly sentence: string
  readonly next: string
}

export const errors: Readonly<Record<ErrorCode | 'bug', Entry>> = {
  bug: { sentence: '{message}', next: '这是 Shoehorn 自身的错误，请附上此信息反馈给我们。' },

  'usage.invalid': { sentence: '{problem}', next: '用 --help 运行该命令，查看可用的参数。' },
  'usage.noDevice': { sentence: '没有名为 {device} 的设备。', next: '运行“shoehorn devices”查看所有设备及其名称。' },
  'usage.missingFile': { sentence: '文件 {path} 不存在。', next: '请检查路径。' },
  'usage.cannotWrite': {
    sentence: '无法写入 {path}：{problem}。',
    next: '用 --out 指定其他路径，或释放一些磁盘空间。',
  },
  'usage.missingTool': { sentence: '本机没有安装 {tool}。', next: '请安装软件包 {package}。' },

  'model.unknownFormat': {
    sentence: '{name} 既不是 ONNX、TFLite，也不是 .shoe 包。',
    next: '请把网络导出为 .onnx 或 .tflite 后再添加。',
  },
  'model.truncated': {
    sentence: '{name} 不完整：{where} 在 {offset} 处需要 {needed} 字节，文件只剩 {available} 字节。',
    next: '请重新复制或导出该文件。',
  },
  'model.malformed': {
    sentence: '{name} 已损坏：{problem}（位于 {where}）。',
    next: '请重新导出模型，并确认它能在原来的工具中打开。',
  },
  'model.unsupported': {
    sentence: '{name} 使用了 Shoehorn 无法读取的 {what}（位于 {where}）。',
    next: '请去掉它后重新导出模型。',
  },
  'model.cyclic': { sentence: '{name} 中的节点 {nodes} 构成了环。', next: '网络不能有环，请去掉循环后重新导出。' },
  'model.shape': { sentence: '节点 {node}（{op}）：{problem}。', next: '请在制作模型的地方改正形状，然后重新导出。' },
  'model.missingValue': {
    sentence: '节点 {node}（{op}）读取的 {value} 在模型中没有来源。',
    next: '请重新导出模型：缺少一个输入或初始值。',
  },
  'model.duplicateValue': {
    sentence: '值 {value} 被 {first} 和 {second} 重复产生。',
    next: '请重新导出模型：值的名称必须唯一。',
  },
  'model.externalData': {
    sentence: '{tensor} 的权重在 {path} 中，而它{problem}。',
    next: '请把外部数据文件放在模型旁边，并保持文件名不变。',
  },
  'model.noIntegers': {
    sentence: '{name} 没有可查看的整数权重：{problem}',
    next: '请提供带有常量权重的卷积层或全连接层的模型。',
  },
  'model.noWeights': {
    sentence: '{name} 既不是 ONNX、TFLite，也不是 npz。',
    next: '请提供模型（.onnx、.tflite）或张量（.npz）。',
  },
  'model.unsupportedOnHost': {
    sentence: 'ONNX Runtime 无法运行此模型：{problem}。',
    next: '请在制作模型的工具中检查它，或用较旧的 opset 导出。',
  },
  'model.operator': { sentence: '节点 {node}：算子 {op} 无法在微控制器上运行：{reason}。', next: '{help}' },
  'model.batch': {
    sentence: '{name} 每次处理 {batch} 个样本，而设备每次只运行一个。',
    next: '请以批大小 1 或可变批大小导出模型。',
  },
  'model.attribute': { sentence: '节点 {node}（{op}）：属性 {attribute} {problem}。', next: '请重新导出模型。' },

  'data.unknownFormat': {
    sentence: '{path} 不是可读取的数据集：{problem}。',
    next: '可使用 npz（x、y）、IDX 文件、按类别分文件夹的图像或 WAV 文件、带标签列的 CSV，或带 y_labels.csv 的 .bin 文件。',
  },
  'data.unreadable': {
    sentence: '有 {count} 个文件无法读取。第一个是 {path}：{problem}。',
    next: '请替换这些文件，或将其排除。命令行：--leave-out-unreadable。',
  },
  'data.tooLarge': {
    sentence: '{path} 需要 {megabytes} MB 内存，最多可读取 {most} MB。',
    next: '请减少样本，缩小尺寸（--resize），或缩短录音（--length）。',
  },
  'data.column': { sentence: '{path} 中没有列 {column}。', next: '请从这些列中选择标签列：{columns}。' },
  'data.text': {
    sentence: '{path} 第 {line} 行：列 {column} 中的“{text}”不是数字。',
    next: '请把该列作为标签、将其排除，或把其中的值改为数字。命令行：--target 或 --leave-out。',
  },
  'data.row': {
    sentence: '{path} 第 {line} 行的单元格数（{found}）与前面的行不同。',
    next: '请补全或删除该行；含逗号的文字需要加引号。',
  },
  'data.missing': {
    sentence: '{path} 有 {count} 个空单元格，第一个在第 {line} 行的列 {column}。',
    next: '请用该列的均值填充，或排除这些行。命令行：--missing mean 或 --missing drop。',
  },
  'data.unlabelled': {
    sentence: '{path} 有 {count} 行没有标签，第一处是第 {line} 行。',
    next: '请排除这些行，或补上标签。命令行：--missing drop。',
  },
  'data.malformed': { sentence: '{path} 已损坏：{problem}。', next: '请重新制作或复制数据集。' },
  'data.shape': {
    sentence: '样本形状为 {found}，而模型需要 {expected}。',
    next: '用预处理缩放或改变布局，或选择与此模型对应的数据集。',
  },
  'data.noLabels': {
    sentence: '{path} 没有标签，而{purpose}需要标签。',
    next: '请添加标签（npz 中的 y、类别文件夹或 target 列），或不使用需要标签的功能。',
  },
  'data.labels': { sentence: '{path} 的标签不匹配：{problem}。', next: '请改正标签。' },
  'data.empty': { sentence: '{path} 中没有样本。', next: '请选择至少含一个样本的数据集。' },
  'data.preprocess': { sentence: '无法应用预处理：{problem}。', next: '请改正预处理设置。' },

  'recipe.invalid': { sentence: '配方无效：{problem}。', next: '请在指出的位置改正配方。' },
  'recipe.order': { sentence: '步骤 {pass} 不能在此处运行：{problem}。', next: '请把 {pass} 移到 {needs} 之后。' },
  'recipe.unsupported': {
    sentence: '层 {node} 不能这样压缩：{problem}。',
    next: '请在此步骤中跳过该层，或为它选择其他方法。',
  },
  'graph.gradient': {
    sentence: '节点 {node}：无法对此 {op} 求梯度：{problem}。',
    next: '请使用不需要梯度的方法，或保持网络的这一部分不变。',
  },
  'kernel.memory': {
    sentence: '某个压缩步骤一次需要 {megabytes} MB，最多可用 4096 MB。',
    next: '请在此步骤中跳过最大的层，或减少每次使用的校准样本。',
  },
  'kernel.notPositive': {
    sentence: '{what} 的输入过于相似，无法求解其权重（主元 {pivot} 不为正）。',
    next: '请提供更多校准样本，或增大该步骤的阻尼。',
  },
  'kernel.noGpu': {
    sentence: '本机没有可用的 GPU：{problem}。',
    next: '请选择“auto”或“cpu”后端，或安装支持 Vulkan、Metal 或 Direct3D 12 的驱动。',
  },
  'kernel.gpuLost': {
    sentence: '计算过程中 GPU 丢失：{problem}。',
    next: '请改用“cpu”后端重试；若再次发生，请更新显卡驱动。',
  },
  'kernel.wrong': {
    sentence: '内核在 {failed} 个用例中给出了错误结果。',
    next: '请使用“cpu”或“reference”后端，并附上以上表格及本机的处理器和驱动信息反馈给我们。',
  },
  'kernel.gpuMemory': { sentence: 'GPU 容纳不下：{problem}。', next: '请为此模型选择“auto”或“cpu”后端。' },
  'recipe.noCalibration': { sentence: '步骤 {pass} 需要校准数据。', next: '请提供数据或校准数据。' },
  'pack.malformed': { sentence: '{name} 不是有效的包：{problem}。', next: '请重新打包模型。' },
  'pack.container': {
    sentence: '{name} 无法解码：{problem}。',
    next: '请提供由“encode”生成的完整 .shoe；如来自别处，请重新复制。',
  },
  'pack.weightsOnly': {
    sentence: '{name} 是权重容器，不是设备用的打包文件。',
    next: '请在“权重”中打开它，取回制作它的原文件。',
  },
  'pack.tensorTooLarge': {
    sentence: '一个张量一次编码或解码需要 {bytes} 字节内存，超出了可用内存。',
    next: '请拆分该张量，或不编码直接存储。',
  },
  'pack.coded': { sentence: '{codec} 数据已损坏：{problem}。', next: '请重新制作或复制该文件。' },

  'fit.memory': {
    sentence: '{model} 放不进 {device}：{region} 需要 {needed} 字节，可用 {available} 字节，超出 {over} 字节。',
    next: '最大的张量：{largest}。请选择位数更少或通道更少的配方，或内存更大的设备。',
  },
  'fit.limit': { sentence: '{what} 为 {found}，设备运行时最多支持 {limit}。', next: '请缩小模型。' },

  'device.noAnswer': {
    sentence: '{device} 在 {waitedMs} 毫秒内没有应答。',
    next: '请按开发板上的复位键，检查线缆后重试。',
  },
  'device.lost': {
    sentence: '在{during}期间与 {device} 的连接中断。',
    next: '请检查线缆后重试。设备上原有的模型仍然有效。',
  },
  'device.open': { sentence: '无法打开 {device}：{problem}。', next: '{help}' },
  'device.busy': { sentence: '{device} 正被 {holder} 使用。', next: '请等待其完成，或将其取消。' },
  'device.refused': { sentence: '{device} 拒绝了 {request}：{problem}。', next: '{help}' },
  'device.protocol': {
    sentence: '{device} 使用协议 {found}，此版本的 Shoehorn 使用 {expected}。',
    next: '请把此版本的代理固件烧录到开发板。',
  },
  'device.corrupt': { sentence: '{device} 持续发送损坏的帧（连续 {count} 个）。', next: '请检查线缆和波特率。' },
  'device.fault': {
    sentence: '{device} 在运行中停止：{problem}。',
    next: '请复位开发板。若再次发生，请在孪生上运行同一个包并比较。',
  },

  'store.open': { sentence: '无法打开工作区 {path}：{problem}。', next: '{help}' },
  'store.newer': {
    sentence: '工作区 {path} 由更新版本的 Shoehorn 创建（结构版本 {found}，此版本支持 {known}）。',
    next: '请用该版本打开，或选择其他工作区。',
  },
  'store.notFound': { sentence: '没有 {kind} {id}。', next: '运行“shoehorn {plural}”查看现有内容。' },
  'store.full': { sentence: '磁盘已满：无法写入 {path}。', next: '请释放一些空间后重试。没有丢失任何内容。' },
  'store.blob': { sentence: '存储的文件 {hash} 丢失或损坏。', next: '请重新添加该文件。' },
  'store.conflict': { sentence: '{problem}', next: '请换一个名称。' },
  'store.busy': { sentence: '项目 {name} 有任务正在进行：{title}。', next: '请等待任务结束或取消任务，然后重试。' },
  'store.notProject': {
    sentence: '{name} 不是完整的项目文件：{problem}。',
    next: '请重新复制该文件，或在原处重新导出项目。',
  },
  'store.newerProject': {
    sentence: '{name} 由更新版本的 Shoehorn 导出（格式 {found}，此版本支持 {known}）。',
    next: '请用该版本导入。',
  },

  'job.cancelled': { sentence: '任务已取消。', next: '可以随时重新开始。' },
  'job.interrupted': { sentence: '任务运行时 Shoehorn 被关闭。', next: '请重新开始任务；已完成的运行会保留。' },
  'job.crashed': {
    sentence: '此任务的工作进程意外结束：{problem}。',
    next: '请重新开始。若再次发生，请附上此信息反馈。',
  },

  'report.noRecord': { sentence: '{name} 中没有运行记录。', next: '请验证一次运行，或以 HTML 或 JSON 导出的报告。' },
  'report.damaged': { sentence: '{name} 不是完整的报告：{problem}。', next: '请重新导出该报告。' },
  'report.sourceMissing': {
    sentence: '运行 {run} 使用的 {what} {name} 不在此工作区中（SHA-256 {sha256}）。',
    next: '请把该文件添加到此工作区后重新验证。',
  },
  'report.differs': {
    sentence: '{name} 未通过验证：{figure} 为 {found}，而报告写的是 {stated}。',
    next: '请以重新计算的结果为准，并核实报告的来源。',
  },

  'serve.unauthorised': { sentence: '请求没有有效的令牌。', next: '请打开“shoehorn serve”打印的地址。' },
  'serve.notBuilt': { sentence: '界面尚未构建。', next: '运行“npm run build:web”后重新启动。' },
  'serve.port': { sentence: '无法使用端口 {port}：{problem}。', next: '请用 --port 选择其他端口。' },
}
