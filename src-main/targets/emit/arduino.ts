// Arduino library format 1.5: everything under src is compiled, the sketch includes the header by its name.
import { inference, readme } from './example.ts'
import type { LibraryFile, LibraryParts } from './library.ts'
import { macroName, plainText } from './names.ts'

export const arduinoFiles = (parts: LibraryParts): LibraryFile[] => [
  { path: 'README.md', text: readme(parts, building) },
  { path: 'library.properties', text: properties(parts) },
  { path: `examples/${sketchName(parts)}/${sketchName(parts)}.ino`, text: sketch(parts) },
]

const sketchName = ({ api: { name } }: LibraryParts) => `${name}_inference`

const building = `## Installing

Put this folder (or its zip: Sketch, Include Library, Add .ZIP Library) among the Arduino libraries; the example is under File, Examples. 32-bit boards only.
`

const properties = ({ api: { name, origin }, version }: LibraryParts) => `name=${name}
version=${version}
author=Shoehorn
maintainer=Shoehorn
sentence=${plainText(origin.modelName)} as an int8 neural network.
paragraph=Weights, plan and the kernels that they need; runs in memory that the sketch gives.
category=Data Processing
url=
architectures=*
includes=${name}.h
`

function sketch(parts: LibraryParts): string {
  const { name } = parts.api
  const macro = macroName(name)
  return `// One inference of ${plainText(parts.api.origin.modelName)} a second.
#include <${name}.h>

${inference(parts)}
void setup() {
  Serial.begin(115200);
  const shoe_status status = ${name}_init(&model, arena, sizeof arena);
  if (status != SHOE_OK) Serial.println((int)status);
}

void loop() {
  const unsigned long start = micros();
  const shoe_status status = infer();
  const unsigned long took = micros() - start;
  if (status == SHOE_OK) {
    Serial.print(${macro}_OUTPUT0_NAME ": largest element ");
    Serial.print((unsigned)largest());
    Serial.print(", us ");
    Serial.println(took);
  }
  delay(1000);
}
`
}
