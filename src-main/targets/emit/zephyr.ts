// A Zephyr module: west or ZEPHYR_EXTRA_MODULES finds zephyr/module.yml.
import { exampleMain, readme } from './example.ts'
import type { LibraryFile, LibraryParts } from './library.ts'
import { macroName, plainText } from './names.ts'

export const zephyrFiles = (parts: LibraryParts): LibraryFile[] => {
  const { name, origin } = parts.api
  const option = macroName(name)
  return [
    { path: 'README.md', text: readme(parts, building(option)) },
    {
      path: 'zephyr/module.yml',
      text: `name: ${name}\nbuild:\n  cmake: zephyr\n  kconfig: zephyr/Kconfig\n`,
    },
    {
      path: 'zephyr/Kconfig',
      text: `config ${option}
\tbool "${plainText(origin.modelName).replaceAll('"', "'").replaceAll('\\', '/').replaceAll('$', '')}"
\thelp
\t  An int8 neural network: weights, plan and the kernels that they need.
`,
    },
    {
      path: 'zephyr/CMakeLists.txt',
      text: `if(CONFIG_${option})
  zephyr_include_directories(../src)
  zephyr_library_named(${name})
  zephyr_library_sources(
    ${parts.sources.map((path) => `../${path}`).join('\n    ')})
  zephyr_library_compile_options(-O2)
endif()
`,
    },
    {
      path: 'samples/inference/CMakeLists.txt',
      text: `cmake_minimum_required(VERSION 3.20)
list(APPEND ZEPHYR_EXTRA_MODULES \${CMAKE_CURRENT_SOURCE_DIR}/../..)
find_package(Zephyr REQUIRED HINTS $ENV{ZEPHYR_BASE})
project(${name}_inference)
target_sources(app PRIVATE src/main.c)
`,
    },
    { path: 'samples/inference/prj.conf', text: `CONFIG_${option}=y\nCONFIG_CBPRINTF_FP_SUPPORT=y\n` },
    { path: 'samples/inference/src/main.c', text: exampleMain(parts) },
  ]
}

const building = (option: string) => `## Building

Name this folder in \`ZEPHYR_EXTRA_MODULES\` (or in the west manifest) and set \`CONFIG_${option}=y\`. The sample: \`west build -b BOARD samples/inference\`.
`
