// Devices and what links them. English template to Chinese.

export const devices: Readonly<Record<string, string>> = {
  // device/channel.ts
  'the handshake': '握手',
  // device/discovery.ts
  'Its agent {0} is missing.': '缺少它的固件代理 {0}。',
  'You may not use this port. Add yourself to the group dialout, and log in again.':
    '没有使用该端口的权限。请把自己加入 dialout 组，然后重新登录。',
  // device/links/ports.ts
  'Install Shoehorn again, or build the agents with "npm run build:native".':
    '请重新安装 Shoehorn，或用“npm run build:native”编译固件代理。',
  '{0} is missing': '缺少 {0}',
  // device/links/qemu.ts
  'QEMU ended with status {0}': 'QEMU 以状态 {0} 结束',
  'Check that QEMU 7 or newer is installed.': '请确认已安装 QEMU 7 或更新的版本。',
  // device/links/serial.ts
  'another program': '另一个程序',
  'you may not use it': '没有使用权限',
  'there is no such port': '没有这个端口',
  'Plug the board in, and run "shoehorn devices" to see its port.':
    '请插上开发板，运行“shoehorn devices”查看它的端口。',
  'Unplug the board, plug it in again, and try once more.': '请拔下开发板，重新插上后再试。',
  'Add yourself to the group dialout ("sudo usermod -aG dialout $USER") and log in again, or install a udev rule for the board.':
    '请把自己加入 dialout 组（“sudo usermod -aG dialout $USER”）后重新登录，或为该板安装 udev 规则。',
  'Give your user the right to use serial ports, and try again.': '请为当前用户授予串口权限，然后再试。',
  // device/links/tcp.ts
  'Check that the program behind the address is running.': '请检查该地址对应的程序是否在运行。',
  // device/refusal.ts
  'Flash the agent of this version of Shoehorn onto the board.': '请把本版本 Shoehorn 的固件代理烧录到板上。',
  'its agent does not know this request': '它的代理不认识这个请求',
  'its agent could not read the request': '它的代理读不懂这个请求',
  'it holds no model': '它上面没有模型',
  'Deploy a pack first.': '请先部署一个打包文件。',
  'the pack is larger than the slot': '打包文件比槽位大',
  'Make the model smaller, or choose a larger device.': '请缩小模型，或选择更大的设备。',
  'it has no such slot': '它没有这个槽位',
  'Choose one of the slots that "shoehorn devices" shows.': '请从“shoehorn devices”列出的槽位中选择。',
  'this slot cannot be written': '这个槽位不可写',
  'Choose another slot.': '请选择其他槽位。',
  'its flash could not be written': '无法写入它的闪存',
  'Try again; if it happens twice, the flash is worn out.': '请再试一次；若再次出现，说明闪存已磨损。',
  'the pack arrived damaged': '打包文件传到时已损坏',
  'Check the cable and try again.': '请检查线缆后再试。',
  'its runtime does not accept the pack': '它的运行时不接受这个打包文件',
  'Pack the model again with this version.': '请用本版本重新打包模型。',
  'the working memory of the model does not fit its RAM': '模型的工作内存放不进它的 RAM',
  'Make the model smaller, or choose a device with more RAM.': '请缩小模型，或选择 RAM 更大的设备。',
  'the range asked for is outside the tensor': '请求的范围超出张量',
  'the runtime stopped with an error': '运行时因错误停止',
  'Pack the model again and deploy it.': '请重新打包模型并部署。',
  'no upload was begun': '上传尚未开始',
  'Deploy the pack again.': '请重新部署打包文件。',
  'for a reason this version does not know': '原因不为本版本所知',
  'the greeting': '问候',
  'the upload': '上传',
  'the model': '模型',
  'the question for its model': '查询其模型',
  'the input': '输入',
  'the run': '运行',
  'the question for the output': '查询输出',
  'the benchmark': '基准测试',
  'the profile': '逐算子计时',
  'the question for its memory': '查询其内存',
  'the painting of its memory': '内存涂色',
  'the reset': '复位',
  'the look at a tensor': '查看张量',
  'its runtime does not accept the pack, or the working memory of the model does not fit its RAM':
    '它的运行时不接受这个打包文件，或模型的工作内存放不进它的 RAM',
  'Pack the model again with this version, or choose a device with more RAM.':
    '请用本版本重新打包模型，或选择 RAM 更大的设备。',
  ' (status {0})': '（状态 {0}）',
  unknown: '未知',
  another: '另一种',
  // device/session.ts
  'sending the input': '发送输入',
  'a run': '一次运行',
  'reading the output': '读取输出',
  'an inference': '一次推理',
  '{0} counts for {1} runs': '{1} 次运行却有 {0} 个计数',
  '{0} of {1} operators': '{1} 个算子中的 {0} 个',
  'looking at a tensor': '查看张量',
  '{0} of {1} bytes taken': '已接收 {1} 字节中的 {0}',
  // device/slots.ts
  'the pack has {0} bytes, the largest slot {1}, {2} too few': '打包文件有 {0} 字节，最大的槽位是 {1}，还差 {2}',
  'Make the model smaller, or choose a device with more memory.': '请缩小模型，或选择内存更大的设备。',
  // device/twin.ts
  'an argument is out of range': '参数超出范围',
  'it is not aligned in memory': '内存没有对齐',
  'it does not begin with SHOE': '它不以 SHOE 开头',
  'its format version is another one': '它的格式版本不同',
  'a checksum does not match': '校验和不符',
  'a section is out of place or too short': '某个段位置不对或太短',
  'a tensor is impossible': '某个张量不可能成立',
  'an operator is impossible': '某个算子不可能成立',
  'a fixed-point factor is out of range': '某个定点系数超出范围',
  'its arena is larger than the memory there is': '它的张量区比现有内存还大',
  'coded weights are impossible, or their codec is not there': '编码权重不可能成立，或缺少对应的编解码器',
  'coded weights are damaged': '编码权重已损坏',
  // device/upload.ts
  'offsets within the pack': '打包文件内的偏移',
  'the console': '控制台',
  'the look at what it is': '设备识别',
}
