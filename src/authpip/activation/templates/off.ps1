if (Test-Path -LiteralPath Function:\_authpip_prompt) {
    if ($global:_authpip_added) {
        $env:PATH = _authpip_without $env:PATH
        # What deactivate will bring back.
        if (Test-Path -LiteralPath Env:_OLD_VIRTUAL_PATH) { $env:_OLD_VIRTUAL_PATH = _authpip_without $env:_OLD_VIRTUAL_PATH }
    }
    Remove-Item -LiteralPath Function:\_authpip_first, Function:\_authpip_without
    if (Test-Path -LiteralPath Function:\_OLD_VIRTUAL_PROMPT) {
        Copy-Item -LiteralPath Function:\_authpip_prompt -Destination Function:\global:_OLD_VIRTUAL_PROMPT
    } else {
        Copy-Item -LiteralPath Function:\_authpip_prompt -Destination Function:\global:prompt
        Remove-Item -LiteralPath Function:\_authpip_prompt
    }
    Remove-Variable -Scope Global -Name _authpip_shims, _authpip_added
}
