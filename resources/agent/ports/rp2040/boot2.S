/* Second-stage boot: the ROM copies these 256 bytes to RAM, checks their CRC and calls them. Sets the flash interface to
 * plain serial reads (command 03h, 24 address bits), which every NOR flash knows, and goes to the vector table behind.
 * Registers: RP2040 datasheet, section 4.10.13 (SSI). build/native/rp2040.ts pads it and adds the CRC. */
    .syntax unified
    .cpu cortex-m0plus
    .thumb
    .section .text
    .global boot2

boot2:
    ldr r0, =0x18000000
    movs r1, #0
    str r1, [r0, #0x08]         /* SSIENR: off */
    movs r1, #4
    str r1, [r0, #0x14]         /* BAUDR: a quarter of the system clock */
    ldr r1, =(31 << 16 | 3 << 8) /* 32 data bits a frame, EEPROM read, standard SPI */
    str r1, [r0, #0x00]         /* CTRLR0 */
    movs r1, #0
    str r1, [r0, #0x04]         /* CTRLR1: one frame a read */
    ldr r1, =(0x03 << 24 | 2 << 8 | 6 << 2) /* command 03h of 8 bits, 24 address bits */
    ldr r2, =0x180000f4
    str r1, [r2]                /* SPI_CTRLR0 */
    movs r1, #1
    str r1, [r0, #0x08]         /* SSIENR: on */

    ldr r0, =0x10000100
    ldr r1, =0xe000ed08
    str r0, [r1]                /* VTOR */
    ldmia r0!, {r1, r2}
    msr msp, r1
    bx r2
    .ltorg
