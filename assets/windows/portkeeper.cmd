@echo off
rem The command line of an installed Portkeeper: Electron's own Node runs it, without a window.
setlocal
set ELECTRON_RUN_AS_NODE=1
"%~dp0..\..\Portkeeper.exe" "%~dp0..\cli\portkeeper.mjs" %*
