# bash completion for isolate(1). Verbs, options and what a verb takes come from isolate's own help, so that nothing here
# grows old; project and application names come from isolate list and isolate apps.

_isolate_verbs() { isolate --help 2>/dev/null | sed -n 's/^  \([a-z][a-z]*\)   *[A-Z].*/\1/p'; }
_isolate_projects() { isolate list 2>/dev/null | cut -d ' ' -f 1; }
_isolate_apps() { isolate apps "$1" 2>/dev/null | cut -d ' ' -f 1; }

# What isolate policy changes, and the values of one key.
_isolate_keys() { isolate policy --help 2>/dev/null | sed -n 's/^  \([A-Z][A-Za-z]*\)=.*/\1/p'; }
_isolate_values() {
	isolate policy --help 2>/dev/null | awk -F= -v key="  $1" '$1 == key && $2 ~ /^[a-z|]+$/ { gsub(/\|/, "\n", $2); print $2 }'
}

# The usage line of a verb without its name: "NAME [APP] [--json]".
_isolate_usage() { isolate "$1" --help 2>/dev/null | sed -n '1s/^isolate [a-z]* *//p'; }

_isolate_verbs_of_projects() {
	local verb
	for verb in $(_isolate_verbs); do
		[[ $(_isolate_usage "$verb") == NAME* || $verb == run ]] && echo "$verb"
	done
}

_isolate_options() { isolate "$1" --help 2>/dev/null | grep -oE '^  +(-[a-z], )?--[a-z-]+' | grep -oE -e '--[a-z-]+'; }

# $1 is the verb; the words after it are words[first] and on.
_isolate_verb() {
	local verb=$1 first=$2 usage subverbs at
	usage=$(_isolate_usage "$verb")
	case $previous in
	--project | -p) candidates=$(_isolate_projects); return ;;
	--trait) candidates=$(find ~/.config/isolate/traits /etc/isolate/traits /usr/{,local/}share/isolate/traits \
		-name '*.conf' -exec basename {} .conf \; 2>/dev/null); return ;;
	--share) files=1; return ;;
	--base) candidates="host nix: dir: image:"; return ;;
	--layer) [[ $verb == create ]] && { candidates="none persistent ephemeral"; return; } ;;
	esac
	[[ $current == -* ]] && { candidates=$(_isolate_options "$verb"); return; }
	at=$((COMP_CWORD - first))
	subverbs=${usage%% *}
	if [[ $verb == help ]]; then
		candidates=$(_isolate_verbs)
	elif [[ $verb == run ]]; then
		_isolate_run "$first"
	elif [[ $verb == cp ]]; then
		candidates=$(_isolate_projects | sed 's/$/:/') files=1
	elif [[ $usage == NAME* || $usage == '[NAME]'* ]]; then
		((at == 0)) && candidates=$(_isolate_projects)
		((at == 1)) && [[ $usage == *'home|layer'* ]] && candidates="home layer git"
		((at == 1)) && [[ $usage == *APP* ]] && candidates=$(_isolate_apps "${COMP_WORDS[first]}")
		((at == 1)) && [[ $usage == *KEY* ]] && candidates=$(_isolate_keys)
		((at == 2)) && [[ $usage == *KEY* ]] && candidates=$(_isolate_values "${COMP_WORDS[first + 1]}")
	elif [[ $subverbs == *'|'* && $subverbs != -* && $subverbs != '['* ]]; then
		((at == 0)) && candidates=${subverbs//|/ } || candidates=$(_isolate_projects)
	fi
	[[ $verb == create && $at == 0 ]] && candidates=
}

# isolate run --project NAME -- APP: the application's own words are files.
_isolate_run() {
	local i project=
	for ((i = $1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--project | -p) project=${COMP_WORDS[i + 1]} ;;
		--) ((COMP_CWORD == i + 1)) || files=1 ;;
		esac
	done
	if [[ -n $project ]]; then
		candidates=$(_isolate_apps "$project")
	else
		candidates=--project
	fi
}

_isolate_shortcut() {
	local project=${COMP_WORDS[1]#.} verb=${COMP_WORDS[2]}
	if ((COMP_CWORD == 2)); then
		candidates="$(_isolate_apps "$project") $(_isolate_verbs_of_projects)"
	elif [[ " $(_isolate_verbs) " == *[[:space:]]"$verb"[[:space:]]* && $current == -* ]]; then
		candidates=$(_isolate_options "$verb")
	else
		files=1
	fi
}

_isolate() {
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} candidates= files=
	if ((COMP_CWORD == 1)); then
		case $current in
		-*) candidates="--help --version" ;;
		.*) candidates=$(_isolate_projects | sed 's/^/./') ;;
		*) candidates="$(_isolate_verbs) $(compgen -c -- "${current:- }" | sort -u)" ;;
		esac
	elif [[ ${COMP_WORDS[1]} == .* ]]; then
		_isolate_shortcut
	elif [[ ${COMP_WORDS[1]} == help || " $(_isolate_verbs) " == *[[:space:]]"${COMP_WORDS[1]}"[[:space:]]* ]]; then
		_isolate_verb "${COMP_WORDS[1]}" 2
	elif ((COMP_CWORD == 2)); then
		candidates=--project
	elif [[ $previous == --project || $previous == -p ]] && ((COMP_CWORD == 3)); then
		candidates=$(_isolate_projects)
	else
		files=1
	fi
	COMPREPLY=($(compgen -W "$candidates" -- "$current"))
	[[ -n $files ]] && compopt -o default 2>/dev/null
	return 0
}
complete -F _isolate isolate
