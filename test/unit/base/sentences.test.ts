// Whatever the host says to the user can be said in Chinese.
import { describe, expect, test } from 'vitest'
import { catalogue } from '../../../src-main/base/catalogue.ts'
import { errors } from '../../../src-main/base/chinese/errors.ts'
import { chinese, sentences } from '../../../src-main/base/chinese/index.ts'
import { words } from '../../../src-main/base/chinese/words.ts'
import { AppError } from '../../../src-main/base/errors.ts'
import { joined, say, sentence, textOf, translated } from '../../../src-main/base/note.ts'
import { passes } from '../../../src-main/passes/registry.ts'
import { profileOf } from '../../../src-main/services/devices.ts'
import { deviceProfiles } from '../../../src-main/targets/device-profile.ts'
import { sourceSentences } from '../../support/sentences.ts'

const places = (template: string) => [...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!).sort()
const found = sourceSentences()

describe('sentences of the host', () => {
  test('all are said so that another language can take them; the command line speaks English', () => {
    expect(
      found
        .filter(({ said, place }) => !said && !place.startsWith('hosts'))
        .map(({ place, template }) => `${place}: ${template}`),
    ).toEqual([])
  })

  test('each has a Chinese row, and no row is left over', () => {
    const templates = new Set(found.filter(({ said }) => said).map(({ template }) => template))
    expect(Object.keys(sentences).sort()).toEqual([...templates].sort())
  })

  test('translations fill in the same values', () => {
    const rows = [...Object.entries(sentences), ...Object.entries(words)]
    expect(rows.filter(([english, other]) => places(english).join() !== places(other).join())).toEqual([])
  })

  test('Chinese is Chinese', () => {
    const rows = [...Object.entries(sentences), ...Object.entries(words)]
    const fourLetters = /\p{Ll}{4}/u
    const bare = (text: string) => text.replace(/\{\w+\}|project\.json/g, '')
    expect(rows.filter(([, other]) => fourLetters.test(bare(other)) && !/\p{Script=Han}/u.test(other))).toEqual([])
  })

  test('titles of passes and names of emulated devices have their word', () => {
    const emulated = deviceProfiles().flatMap(({ links }) => links.map((link) => profileOf(link).name))
    const missing = [...passes.map(({ title }) => title), ...emulated].filter((name) => !(name in words))
    expect(missing).toEqual([])
  })
})

describe('a note', () => {
  test('keeps its English text, and is filled in again in Chinese', () => {
    const note = say`${'conv'} stays: ${say`rank ${2} of ${8} keeps ${'99'} % of the energy`}, with ${50} % of the weights`
    expect(textOf(note)).toBe('conv stays: rank 2 of 8 keeps 99 % of the energy, with 50 % of the weights')
    expect(translated(note, chinese)).toBe('conv 保持原样：8 中取秩 2，保留 99 % 的能量，权重为 50 %')
    expect(translated(JSON.parse(JSON.stringify(note)), chinese)).toBe(translated(note, chinese))
  })

  test('places without a value of their own stay', () => {
    expect(textOf(sentence('{toString} {constructor} {0}', { 0: 1 }))).toBe('{toString} {constructor} 1')
  })

  test('plain text of older records, and templates without a row, stay as they are', () => {
    expect(translated('something old', chinese)).toBe('something old')
    expect(translated(sentence('{0} of its own', { 0: say`flash` }), chinese)).toBe('闪存 of its own')
    expect(translated(joined([say`a run`, 'x'], ', '), chinese)).toBe('一次运行，x')
  })

  test('an error inside a note is translated with what fills it', () => {
    const error = new AppError('device.lost', { device: 'pico', during: say`the upload` })
    expect(error.message).toBe('The link to pico was lost during the upload.')
    expect(translated(error.note, chinese)).toBe(
      errors['device.lost'].sentence.replace('{device}', 'pico').replace('{during}', '上传'),
    )
    expect(Object.keys(errors).filter((code) => !(code in catalogue))).toEqual(['bug'])
  })
})
