// Plain C: CMake and make.
import { exampleMain, readme } from './example.ts'
import type { LibraryFile, LibraryParts } from './library.ts'

export const cFiles = (parts: LibraryParts): LibraryFile[] => [
  { path: 'README.md', text: readme(parts, building(parts)) },
  { path: 'CMakeLists.txt', text: cmake(parts) },
  { path: 'Makefile', text: makefile(parts) },
  { path: 'example/main.c', text: exampleMain(parts) },
]

const building = ({ api: { name } }: LibraryParts) => `## Building

\`make\` makes \`lib${name}.a\` and the example for this computer; \`make CC=arm-none-eabi-gcc AR=arm-none-eabi-ar
CPU="-mcpu=cortex-m4 -mthumb" lib${name}.a\` the library for a microcontroller. With CMake: \`add_subdirectory\` this folder and
\`target_link_libraries(app ${name})\`. Without either: compile all of \`src\`, with \`src\` as include path.
`

function cmake({ api: { name }, sources }: LibraryParts): string {
  return `cmake_minimum_required(VERSION 3.13)
project(${name} C)

add_library(${name} STATIC
  ${sources.join('\n  ')})
target_include_directories(${name} PUBLIC src)
set_target_properties(${name} PROPERTIES C_STANDARD 99 C_STANDARD_REQUIRED ON)
if(CMAKE_C_COMPILER_ID MATCHES "GNU|Clang")
  target_compile_options(${name} PRIVATE -O2 -ffunction-sections -fdata-sections)
  target_link_options(${name} INTERFACE $<$<NOT:$<PLATFORM_ID:Darwin>>:-Wl,--gc-sections>)
endif()

if(CMAKE_SOURCE_DIR STREQUAL CMAKE_CURRENT_SOURCE_DIR AND NOT CMAKE_CROSSCOMPILING)
  add_executable(${name}_example example/main.c)
  target_link_libraries(${name}_example ${name})
endif()
`
}

function makefile({ api: { name }, sources }: LibraryParts): string {
  return `CPU =
CFLAGS = -std=c99 -O2 -Wall -Wextra -ffunction-sections -fdata-sections
SOURCES = ${sources.join(' \\\n\t')}
OBJECTS = $(SOURCES:.c=.o)

${name}_example: example/main.c lib${name}.a
\t$(CC) $(CPU) $(CFLAGS) -Isrc example/main.c lib${name}.a -o $@

lib${name}.a: $(OBJECTS)
\t$(AR) rcs $@ $(OBJECTS)

%.o: %.c
\t$(CC) $(CPU) $(CFLAGS) -Isrc -c $< -o $@

clean:
\trm -f $(OBJECTS) lib${name}.a ${name}_example

.PHONY: clean
`
}
