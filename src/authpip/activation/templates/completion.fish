function __authpip_completion
    set -l words (commandline -opc)
    set -l number (count $words)
    if test $number -eq 1; or test "$words[2]" != auth
        test $number -ne 1; or echo auth
        set -lx COMP_WORDS "$words "(commandline -ct)
        set -lx COMP_CWORD $number
        set -lx PIP_AUTO_COMPLETE 1
        string split -n ' ' -- (authpip 2>/dev/null)
    else if test $number -eq 2
        string split ' ' -- '@COMMANDS@'
    else
        switch $words[3]
@CASES@
        end
    end
end
complete -c authpip -a '(__authpip_completion)'
