/* What isolate-session says first to the one who started it, through one end of a pair of sockets: one byte, and with
 * ANSWER_FAILED a second one, the exit status, and the line of the error without its newline. After ANSWER_READY the pair is
 * a connection to the session like any other: a container that ends before somebody could connect is heard of as well. */
#pragma once

enum session_answer {
	ANSWER_READY = 'r', // it listens, and the gate is passed
	ANSWER_JOIN = 'j',  // another session of the project listens
	ANSWER_FAILED = 'e',
};
