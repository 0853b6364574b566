# Builds program and installer on Windows 10 or newer (64 bit), in a checkout, with Python 3.11 or newer, Git and NSIS installed.
#   powershell -ExecutionPolicy Bypass -File packaging\windows\build.ps1 [-Python C:\path\python.exe] [-Certificate THUMBPRINT]
# With a certificate the programs and the installer are signed by signtool, which comes with the Windows SDK.
param([string]$Python = "python", [string]$Certificate = "")
$ErrorActionPreference = "Stop"
Set-StrictMode -Version Latest
Set-Location (Join-Path $PSScriptRoot "..\..")

function Invoke-Checked([string]$Program, [string[]]$Arguments) {
    & $Program @Arguments
    if ($LASTEXITCODE -ne 0) { throw "$Program ended with $LASTEXITCODE" }
}

function Set-Signature([string[]]$Files) {
    if ($Certificate -eq "") { return }
    Invoke-Checked "signtool" (@("sign", "/sha1", $Certificate, "/fd", "sha256", "/tr", $env:TIMESTAMP_SERVER, "/td", "sha256") + $Files)
}

# The locked tools of development bring uv, which makes the environment of the build.
if (-not (Test-Path .venv\Scripts\python.exe)) { Invoke-Checked $Python @("-m", "venv", ".venv") }
Invoke-Checked ".venv\Scripts\python.exe" @("-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes",
    "--requirement", "packaging\locks\development.txt")
$Base = & .venv\Scripts\python.exe -c "import sys; print(sys._base_executable)"
Invoke-Checked ".venv\Scripts\python.exe" @("packaging\freeze.py", "--python", $Base)

$Programs = @("dist\repro-gui\repro-gui.exe", "dist\repro-gui\Repro GUI.exe")
Set-Signature $Programs
$Version = (& $Programs[0] --version).Split(" ")[1]
Invoke-Checked $Programs[0] @("--self-test")

$Makensis = (Get-Command makensis -ErrorAction SilentlyContinue).Source
if (-not $Makensis) { $Makensis = Join-Path ${env:ProgramFiles(x86)} "NSIS\makensis.exe" }
$Root = (Get-Location).Path
$Installer = "$Root\dist\repro-gui-$Version-windows.exe"
Invoke-Checked $Makensis @("-V2", "-WX", "-DVERSION=$Version", "-DPROGRAM=$Root\dist\repro-gui", "-DOUTPUT=$Installer",
    "-DICON=$Root\build\installer\icons\repro-gui.ico", "packaging\windows\repro-gui.nsi")
Set-Signature @($Installer)
Get-Item $Installer | Format-Table Name, Length
