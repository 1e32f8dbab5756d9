export const project = {
  project: '项目',
  pages: '项目页面',
  tab: {
    overview: '概览',
    model: '模型',
    data: '数据',
    compress: '压缩',
    runs: '对比',
    device: '设备',
    report: '报告',
  },
  rename: '重命名…',
  obstacle: {
    loading: '正在加载项目。',
    model: '请先添加模型。',
    data: '请先添加数据。',
    recipe: '请先改正配方。',
    checking: '正在检查配方。',
    fit: '样本目前的形式无法输入模型。',
  },
  noModelTitle: '此项目还没有模型',
  noModel: '请把 .onnx 或 .tflite 文件拖到此页任意位置，或在此选择：',
} as const
