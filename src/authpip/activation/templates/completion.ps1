Register-ArgumentCompleter -Native -CommandName authpip -ScriptBlock {
    param($word, $ast, $position)
    $table = @{
@CASES@
    }
    $words = @($ast.CommandElements | ForEach-Object { $_.ToString() })
    $number = if ($word) { $words.Count - 1 } else { $words.Count }
    $found = @()
    if ($number -eq 1) { $found = @('auth') }
    elseif ($words[1] -eq 'auth' -and $number -eq 2) { $found = '@COMMANDS@' -split ' ' }
    elseif ($words[1] -eq 'auth') { $found = "$($table[$words[2]])" -split ' ' }
    $found | Where-Object { $_ -and $_.StartsWith($word) }
}
