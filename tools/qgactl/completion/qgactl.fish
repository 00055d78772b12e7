# SPDX-License-Identifier: MIT
# Completion of qgactl for fish; qgactl --list tells what there is.

function __qgactl_command
    set -l skip no
    for word in (commandline -opc)[2..-1]
        if test $skip = yes
            set skip no
        else if contains -- $word -T --target --timeout --color
            set skip yes
        else if not string match -q -- '-*' $word
            echo $word
            return
        end
    end
    return 1
end

function __qgactl_wants_options
    string match -q -- '-*' (commandline -ct)
end

function __qgactl_options
    set -l command (__qgactl_command)
    test -n "$command"; or set command none
    qgactl --list $command 2>/dev/null
end

complete -c qgactl -f
complete -c qgactl -n 'not __qgactl_command' -a '(qgactl --list 2>/dev/null)'
complete -c qgactl -n __qgactl_wants_options -a '(__qgactl_options)'
complete -c qgactl -s T -l target -x -a 'unix: tcp: vsock: vsock-uds: serial: libvirt:'
complete -c qgactl -l color -x -a 'auto always never'
complete -c qgactl -n 'contains -- (__qgactl_command) put get' -F
