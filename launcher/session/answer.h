/* What isolate-session writes into the pipe of the one who started it: one byte, and with ANSWER_FAILED a second one, the
 * exit status, and the line of the error without its newline. */
#pragma once

enum session_answer {
	ANSWER_READY = 'r', // it listens, and the gate is passed
	ANSWER_JOIN = 'j',  // another session of the project listens
	ANSWER_FAILED = 'e',
};
