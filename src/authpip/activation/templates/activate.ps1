# authpip-shim 1: keeps authpip's pip first on PATH. `authpip auth activate pwsh --off | Out-String | Invoke-Expression` undoes it.
$global:_authpip_shims = @DIRECTORY@
function global:_authpip_without([string] $path) {
    $separator = [IO.Path]::PathSeparator
    $shims = $global:_authpip_shims.TrimEnd('/', '\')
    ($path.Split($separator) | Where-Object { $_.TrimEnd('/', '\') -ne $shims }) -join $separator
}
function global:_authpip_first {
    $separator = [IO.Path]::PathSeparator
    if ($env:PATH.Split($separator)[0] -ne $global:_authpip_shims -and (Test-Path -LiteralPath $global:_authpip_shims)) {
        $env:PATH = $global:_authpip_shims + $separator + (_authpip_without $env:PATH)
    }
}
if (-not (Test-Path -LiteralPath Function:\_authpip_prompt)) {
    $global:_authpip_added = (_authpip_without $env:PATH) -eq $env:PATH
    # venv's Activate.ps1 keeps a copy of `prompt` and brings it back, so this one survives it.
    Copy-Item -LiteralPath Function:\prompt -Destination Function:\global:_authpip_prompt
    function global:prompt {
        if (Get-Command -Name _authpip_first -ErrorAction SilentlyContinue) { _authpip_first }
        _authpip_prompt
    }
}
_authpip_first
