# fish completion for isolate(1). Verbs, options and what a verb takes come from isolate's own help; names from isolate list
# and isolate apps.

function __isolate_verbs
    isolate --help 2>/dev/null | string replace -rf '^  ([a-z]+)  +([A-Z].*)' '$1\t$2'
end

function __isolate_projects
    isolate list 2>/dev/null | string replace -rf '^(\S+) .*' '$1'
end

function __isolate_apps
    isolate apps $argv[1] 2>/dev/null | string replace -rf '^(\S+) .*' '$1'
end

function __isolate_usage
    isolate $argv[1] --help 2>/dev/null | head -n 1 | string replace -r '^isolate [a-z]+ ?' ''
end

function __isolate_keys
    isolate policy --help 2>/dev/null | string replace -rf '^  ([A-Z][A-Za-z]*)=.*' '$1'
end

function __isolate_values
    for line in (isolate policy --help 2>/dev/null | string match -r '^  [A-Z][A-Za-z]*=[a-z|]+$')
        set -l parts (string split -m 1 = -- (string trim -- $line))
        test $parts[1] = "$argv[1]"; and string split '|' -- $parts[2]
    end
end

function __isolate_options
    isolate $argv[1] --help 2>/dev/null | string replace -rf '^ +(?:-[a-z], )?(--[a-z-]+)(?:=\S+)? +(.*)' '$1\t$2'
end

function __isolate_is_verb
    __isolate_verbs | string match -qr "^"(string escape --style=regex -- $argv[1])"\t"
end

# Prints what may follow the words of a verb, of which the last is being typed.
function __isolate_after_verb
    set -l verb $argv[1]
    set -l done $argv[2..-1]
    set -l usage (__isolate_usage $verb)
    set -l first (string split -m 1 ' ' -- $usage)[1]
    if test (count $done) -gt 0; and contains -- $done[-1] --project -p
        __isolate_projects
    else if test $verb = help
        __isolate_verbs
    else if test $verb = run
        set -l at (contains -i -- --project $done; or contains -i -- -p $done)
        if test -n "$at"
            __isolate_apps $done[(math $at + 1)]
        else
            echo --project
        end
    else if test (count $done) -gt 0; and test $done[-1] = --base
        printf '%s\n' host nix: dir: image:
    else if test $verb = create; and test (count $done) -gt 0; and test $done[-1] = --layer
        printf '%s\n' none persistent ephemeral
    else if test $verb = cp
        __isolate_projects | string replace -r '$' ':'
        __fish_complete_path (commandline -ct)
    else if test $verb != create; and string match -qr '^\[?NAME' -- $usage
        switch (count $done)
            case 0
                __isolate_projects
            case 1
                string match -q '*APP*' -- $usage; and __isolate_apps $done[1]
                string match -q '*KEY*' -- $usage; and __isolate_keys
                string match -q '*home|layer*' -- $usage; and printf '%s\n' home layer git
            case 2
                string match -q '*KEY*' -- $usage; and __isolate_values $done[2]
        end
    else if string match -qr '^[a-z]+\|' -- $first
        if test (count $done) -eq 0
            string split '|' -- $first
        else
            __isolate_projects
        end
    end
    __isolate_options $verb
end

function __isolate_complete
    set -l words (commandline -opc)[2..-1]
    set -l current (commandline -ct)
    switch (count $words)
        case 0
            if string match -q '.*' -- $current
                __isolate_projects | string replace -r '^' '.'
            else if string match -q -- '-*' $current
                printf '%s\n' --help --version
            else
                __isolate_verbs
                complete -C"$current"
            end
            return
        case 1
            if string match -q '.*' -- $words[1]
                __isolate_apps (string sub -s 2 -- $words[1])
                __isolate_verbs
                return
            end
    end
    if test $words[1] = help; or __isolate_is_verb $words[1]
        __isolate_after_verb $words
    else if test (count $words) -eq 1
        echo --project
    else if test (count $words) -eq 2; and contains -- $words[2] --project -p
        __isolate_projects
    else
        __fish_complete_path $current
    end
end

complete -c isolate -f -a '(__isolate_complete)'
