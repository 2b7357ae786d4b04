/* What isolate-layer is told, from launcher/engine: words, each with its NUL, in a sealed memory file. Read by launcher/layer/mount.c. */
#pragma once

/* bind SOURCE DEST          the host's SOURCE is DEST of the base
 * dir DEST MODE             an empty folder of isolate's own over the base
 * file DEST MODE CONTENT    a file of isolate's own over the base's
 * link DEST TARGET
 * cover DEST                a folder that shows nothing of the base's
 * owner UID GID             whose files of the base are root's inside: as seen in the namespace
 * keep FOLDER               where changes are kept: upper and work are made in it. Without it they end with the container
 * at PLACE                  an empty folder, over which all is mounted: the result is PLACE/merged
 */
#define SPEC_MERGED "merged"
