/* The set that the gate compares is monotone: whatever a change of the configuration gives a container, there is a line
 * that was not there before. */
#include "plan-fixture.h"

static struct host *make_host(void)
{
	struct host *host = host_debian();
	host_add_dir(host, "/home/me/first/vendor");
	host_add_dir(host, "/home/me/other");
	host_add_file(host, "/home/me/first/.env");
	host_add_file(host, "/home/me/.vimrc");
	host_add_link(host, "dir:/srv/tree", NULL, "/srv/tree");
	host->base = g_strdup("/srv/tree");
	return host;
}

static gboolean has_new(const struct plan *before, const struct plan *after)
{
	for (guint i = 0; i < after->permissions->len; i++)
		if (!plan_has(before->permissions, after->permissions->pdata[i]))
			return TRUE;
	return FALSE;
}

#define SHARE "[Files]\nShare=~/first\n"

static void test_wider(void)
{
	static const char *const rows[][2] = {
		{"",					       SHARE					  },
		{SHARE,					    "[Files]\nShare=~/first;~/other\n"		  },
		{"",					       "[Files]\nReadOnly=~/first\n"		  },
		{"[Files]\nReadOnly=~/first\n",			SHARE					     },
		{SHARE "Hide=~/first/.env\n",		      SHARE					   },
		{SHARE "Hide=~/first/.env;~/first/vendor\n",	     SHARE "Hide=~/first/.env\n"			},
		{"[Files]\nReadOnly=~/first\nHide=~/first/.env\n", "[Files]\nReadOnly=~/first\n"			},
		{SHARE "ReadOnly=~/first/vendor\n",		    SHARE						 },
		{SHARE "ReadOnly=~/first/vendor\n",		    "[Files]\nShare=~/first;~/first/vendor\n"	     },
		{SHARE,					    SHARE "Git=full\n"				  },
		{SHARE "Git=hidden\n",			       SHARE					    },
		{"",					       "[Home]\nDotfiles=.vimrc\n"			},
		{"",					       "[Network]\nMode=host\n"			     },
		{"[Network]\nMode=none\n",			   ""					     },
		{"",					       "[Network]\nLan=allow\n"			     },
		{"",					       "[Network]\nAllow=10.1.2.3\n"		  },
		{"[Network]\nAllow=10.1.2.0/24\n",		   "[Network]\nAllow=10.1.0.0/16\n"		   },
		{"[Network]\nDeny=192.0.2.1\n",			""						  },
		{"[Network]\nDeny=192.0.2.1;2001:db8::/32\n",      "[Network]\nDeny=192.0.2.1\n"		   },
		{"",					       "[Network]\nForward=3000\n"			},
		{"",					       "[Root]\nLayer=ephemeral\n"			},
		{"[Root]\nLayer=ephemeral\n",		      "[Root]\nLayer=persistent\n"			  },
		{"",					       "[Root]\nBase=image:a\n"			     },
		{"[Root]\nBase=image:a\n",			   "[Root]\nBase=image:b\n"			   },
		{"",					       "[Root]\nBase=dir:/srv/tree\n"		   },
		{"[Security]\nDebug=no\n",			   ""					     },
		{"",					       "[Security]\nNestedSandbox=yes\n"	      },
		{"[Display]\nWayland=no\n",			    ""					      },
		{"[Display]\nClipboard=private\n",		   ""					     },
		{"",					       "[Display]\nClipboard=allow\n"		   },
		{"[Display]\nPrimary=deny\n",		      ""						},
		{"[Display]\nDragAndDrop=deny\n",		  ""						    },
		{"[Display]\nFullscreen=deny\n",			 ""						   },
		{"[Display]\nPointerLock=deny\n",		  ""						    },
		{"[Display]\nInhibitIdle=deny\n",		  ""						    },
		{"[Display]\nClipboard=deny\n",			"[Display]\nClipboard=ask\n"		    },
		{"[Display]\nStealFocus=deny\n",			 ""						   },
		{"",					       "[Display]\nStealFocus=allow\n"		    },
		{"[Display]\nInhibitShortcuts=deny\n",	       ""						 },
		{"",					       "[Display]\nInhibitShortcuts=allow\n"	  },
		{"[Display]\nTextInput=no\n",		      ""						},
		{"[Display]\nDenyGlobals=wp_viewporter\n",	   ""					     },
		{"[Display]\nDenyGlobals=wp_viewporter;wl_shm\n",  "[Display]\nDenyGlobals=wl_shm\n"		   },
		{"",					       "[Display]\nAllowGlobals=zwlr_layer_shell_v1\n"},
		{"",					       "[Environment]\nPass=SECRET\n"		   },
		{"[Bus]\nPortals=no\n",				""					     },
		{"",					       "[Bus]\nTalk=org.a.B\n"			    },
		{"",					       "[Bus]\nOwn=org.a.B\n"			   },
		{"[Bus]\nTalk=org.a.B\n",			  "[Bus]\nTalk=org.a.B;org.a.C\n"		 },
		{"[Bus]\nCall=org.a.B=org.a.X.Y@/z\n",	       "[Bus]\nTalk=org.a.B\n"			      },
		{"[Bus]\nCall=org.a.B=org.a.X.Y@/z\n",	       "[Bus]\nCall=org.a.B=org.a.X.*@/z\n"	   },
		{"[Audio]\nPlayback=no\n",			   ""					     },
		{"",					       "[Audio]\nRecord=yes\n"			    },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		autohost struct host *host = make_host();
		autoplan struct plan *before = plan_of(rows[i][0], host), *after = plan_of(rows[i][1], host);
		if (!has_new(before, after))
			g_error("nothing new from \"%s\" to \"%s\"", rows[i][0], rows[i][1]);
	}
}

/* What gives nothing asks nobody. */
static void test_same(void)
{
	static const char *const rows[][2] = {
		{SHARE,				  ""							      },
		{SHARE "Git=full\n",		     SHARE							   },
		{SHARE,				  SHARE "Git=hidden\n"					    },
		{"[Network]\nMode=host\n",		   "[Network]\nMode=none\n"					   },
		{"[Network]\nLan=allow\nForward=3000\n", ""							      },
		{"[Network]\nAllow=10.1.2.3\n",		"[Network]\nAllow=10.1.2.3/32;::ffff:10.1.2.3\n"		},
		{"[Network]\nMode=host\n",		   ""							      },
		{"",				     "[Project]\nTitle=x\nColor=#123456\nLinger=0\n[App x]\nExec=y\n"},
		{"",				     "[Home]\nMode=ephemeral\n"				       },
		{"",				     "[Environment]\nA=b\n"					   },
		{"",				     "[Display]\nWayland=no\n"					      },
		{"",				     "[Home]\nDotfiles=.nothere\n"					  },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		autohost struct host *host = make_host();
		autoplan struct plan *before = plan_of(rows[i][0], host), *after = plan_of(rows[i][1], host);
		if (has_new(before, after))
			g_error("something new from \"%s\" to \"%s\"", rows[i][0], rows[i][1]);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/plan/permissions/wider", test_wider);
	g_test_add_func("/plan/permissions/same", test_same);
	return g_test_run();
}
