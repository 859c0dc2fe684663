# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Completion of vmxdbgd, vmxrun and vmxdbg-check: options, as their help names them, and
# files after options that take one.
_vmxdbg() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} options
	COMPREPLY=()
	# "--log=debug" is three words to bash.
	[ "$word" != = ] || { word='' before=$before=; }
	[ "$before" != = ] || before=${COMP_WORDS[COMP_CWORD - 2]}=
	case $before in
	--arch)
		mapfile -t COMPREPLY < <(compgen -W 'x86-64 i386 i8086 auto' -- "$word")
		return
		;;
	--on-vanish)
		mapfile -t COMPREPLY < <(compgen -W 'continue stay stop' -- "$word")
		return
		;;
	--log=)
		mapfile -t COMPREPLY < <(compgen -W 'error warn info debug packets' -- "$word")
		return
		;;
	--user)
		mapfile -t COMPREPLY < <(compgen -u -- "$word")
		return
		;;
	--time)
		mapfile -t COMPREPLY < <(compgen -W 'stop run' -- "$word")
		return
		;;
	--entry)
		mapfile -t COMPREPLY < <(compgen -W 'auto pvh 64 32 16' -- "$word")
		return
		;;
	--root)
		mapfile -t COMPREPLY < <(compgen -d -- "$word")
		return
		;;
	--kernel | --initrd | --device | --unix | --serial | --log-file)
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		return
		;;
	--vm | --pid | --tcp | --fd | --ready-fd | --append | --mem | --cpus | --load | --console | --debug-exit)
		return
		;;
	esac
	options=$("$1" --help 2>/dev/null | grep -oE -- '--[a-z][a-z-]+' | sort -u)
	mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
}
complete -o filenames -F _vmxdbg vmxdbgd vmxrun vmxdbg-check
