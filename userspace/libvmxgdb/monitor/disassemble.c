// SPDX-License-Identifier: MIT
#include "monitor/disassemble.h"

#ifdef WITH_ZYDIS

#include <Zydis/Zydis.h>

bool disassemble_available(void)
{
	return true;
}

static bool decoder_of(unsigned int bits, ZydisDecoder *decoder)
{
	if (bits == 64)
		return ZYAN_SUCCESS(ZydisDecoderInit(decoder, ZYDIS_MACHINE_MODE_LONG_64,
						     ZYDIS_STACK_WIDTH_64));
	if (bits == 32)
		return ZYAN_SUCCESS(ZydisDecoderInit(decoder, ZYDIS_MACHINE_MODE_LEGACY_32,
						     ZYDIS_STACK_WIDTH_32));
	return ZYAN_SUCCESS(ZydisDecoderInit(decoder, ZYDIS_MACHINE_MODE_LEGACY_16,
					     ZYDIS_STACK_WIDTH_16));
}

/* Numbers as gdb prints them */
static void formatter_of(bool intel, ZydisFormatter *f)
{
	ZydisFormatterInit(f, intel ? ZYDIS_FORMATTER_STYLE_INTEL : ZYDIS_FORMATTER_STYLE_ATT);
	ZydisFormatterSetProperty(f, ZYDIS_FORMATTER_PROP_HEX_UPPERCASE, ZYAN_FALSE);
	ZydisFormatterSetProperty(f, ZYDIS_FORMATTER_PROP_ADDR_PADDING_ABSOLUTE,
				  ZYDIS_PADDING_DISABLED);
	ZydisFormatterSetProperty(f, ZYDIS_FORMATTER_PROP_IMM_SIGNEDNESS,
				  ZYDIS_SIGNEDNESS_UNSIGNED);
}

size_t disassemble(unsigned int bits, bool intel, const uint8_t *code, size_t len, uint64_t ip,
		   struct buf *out)
{
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
	ZydisDecodedInstruction insn;
	ZydisFormatter formatter;
	ZydisDecoder decoder;
	char text[256];

	if (!decoder_of(bits, &decoder) ||
	    !ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, code, len, &insn, operands)))
		return 0;
	formatter_of(intel, &formatter);
	if (!ZYAN_SUCCESS(ZydisFormatterFormatInstruction(&formatter, &insn, operands,
							  insn.operand_count_visible, text,
							  sizeof(text), ip, NULL)))
		return 0;
	buf_puts(out, text);
	return insn.length;
}

#else

bool disassemble_available(void)
{
	return false;
}

size_t disassemble(unsigned int bits, bool intel, const uint8_t *code, size_t len, uint64_t ip,
		   struct buf *out)
{
	return 0;
}

#endif
