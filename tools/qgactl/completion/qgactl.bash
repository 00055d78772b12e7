# SPDX-License-Identifier: MIT
# Completion of qgactl for bash; qgactl --list tells what there is.

_qgactl() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command= i

	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-T | --target | --timeout | --color) ((i++)) ;;
		-* | = | :) ;;
		*)
			command=${COMP_WORDS[i]}
			break
			;;
		esac
	done
	COMPREPLY=()
	case $before in
	-T | --target)
		compopt -o nospace
		COMPREPLY=($(compgen -W 'unix: tcp: vsock: vsock-uds: serial: libvirt:' -- "$word"))
		return
		;;
	--color)
		COMPREPLY=($(compgen -W 'auto always never' -- "$word"))
		return
		;;
	esac
	if [[ $word == -* ]]; then
		COMPREPLY=($(compgen -W "$(qgactl --list ${command:-none} 2>/dev/null | cut -f 1)" -- "$word"))
	elif [[ -z $command ]]; then
		COMPREPLY=($(compgen -W "$(qgactl --list 2>/dev/null | cut -f 1)" -- "$word"))
	elif [[ $command == put || $command == get ]]; then
		compopt -o filenames
		COMPREPLY=($(compgen -f -- "$word"))
	fi
}
complete -F _qgactl qgactl
