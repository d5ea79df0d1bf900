_authpip_completion() {
    local -a found
    if (( CURRENT == 2 )) || [[ $words[2] != auth ]]; then
        found=(${=$(COMP_WORDS="$words[*]" COMP_CWORD=$(( CURRENT - 1 )) PIP_AUTO_COMPLETE=1 authpip 2>/dev/null)})
        (( CURRENT != 2 )) || found=(auth $found)
    elif (( CURRENT == 3 )); then
        found=(@COMMANDS@)
    else
        case $words[3] in
@CASES@
        esac
    fi
    compadd -- $found || _files
}
compdef _authpip_completion authpip
