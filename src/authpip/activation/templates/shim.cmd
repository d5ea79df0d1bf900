@echo off & setlocal DisableDelayedExpansion
rem authpip-shim 1: pip, with credentials. `authpip auth shim remove` takes it away; AUTHPIP_DISABLE=1 passes it by.
if "%AUTHPIP_DISABLE%"=="1" goto plain
if not exist "@PYTHON@" goto gone
if not exist "@ENTRY@" goto gone
"@PYTHON@" -I "@ENTRY@" @KIND@ @NAME@ %*
exit /b %ERRORLEVEL%
:gone
>&2 echo authpip: it is no longer at "@PYTHON@", so @NAME@ runs without authpip: indexes that need a credential will refuse, and rules that say `always` are not applied; install authpip and run `authpip auth shim install` again, or delete the files in "%~dp0" that name authpip-shim
:plain
for %%I in (@NAME@.exe) do set "_authpip_real=%%~$PATH:I"
if not defined _authpip_real (
  >&2 echo authpip: there is no @NAME@.exe on PATH behind the shim "%~f0"; run `py -m ensurepip --upgrade`, or activate an environment
  exit /b 127
)
"%_authpip_real%" %*
exit /b %ERRORLEVEL%
