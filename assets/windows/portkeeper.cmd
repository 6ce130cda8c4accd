@echo off
rem The command line of an installed Portkeeper: Electron's own Node runs it, without a window.
rem "portkeeper with" passes the environment on: the value that a person gave to the variable is kept behind the colon.
setlocal
set "ELECTRON_RUN_AS_NODE=portkeeper:%ELECTRON_RUN_AS_NODE%"
"%~dp0..\..\Portkeeper.exe" "%~dp0..\cli\portkeeper.mjs" %*
