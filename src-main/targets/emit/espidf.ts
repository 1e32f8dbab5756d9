// An ESP-IDF component.
import { exampleMain, readme } from './example.ts'
import type { LibraryFile, LibraryParts } from './library.ts'
import { plainText } from './names.ts'

export const espIdfFiles = (parts: LibraryParts): LibraryFile[] => {
  const { name, origin } = parts.api
  const description = `${plainText(origin.modelName).replace(/["\\]/g, ' ')} as an int8 neural network`
  return [
    { path: 'README.md', text: readme(parts, building) },
    {
      path: 'idf_component.yml',
      text: `version: "${parts.version}"\ndescription: "${description}"\ndependencies:\n  idf: ">=5.0"\n`,
    },
    {
      path: 'CMakeLists.txt',
      text: `idf_component_register(
  SRCS
    ${parts.sources.map((path) => `"${path}"`).join('\n    ')}
  INCLUDE_DIRS "src")
target_compile_options(\${COMPONENT_LIB} PRIVATE -O2)
`,
    },
    {
      path: 'examples/inference/CMakeLists.txt',
      text: `cmake_minimum_required(VERSION 3.16)
set(EXTRA_COMPONENT_DIRS "\${CMAKE_CURRENT_LIST_DIR}/../..")
include($ENV{IDF_PATH}/tools/cmake/project.cmake)
project(${name}_inference)
`,
    },
    {
      path: 'examples/inference/main/CMakeLists.txt',
      text: 'idf_component_register(SRCS "main.c")\n',
    },
    {
      path: 'examples/inference/main/main.c',
      text: `${exampleMain(parts).replace('int main(void)', 'static int infer_once(void)')}
void app_main(void);

void app_main(void) {
    (void)infer_once();
}
`,
    },
  ]
}

const building = `## Building

Put this folder under \`components\` of a project, or name its path in \`idf_component.yml\`. The example: \`idf.py set-target CHIP build\` in \`examples/inference\`.
`
