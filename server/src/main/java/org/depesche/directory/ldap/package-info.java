/// Accounts, aliases and domains in a directory that speaks LDAP.
@NullMarked
package org.depesche.directory.ldap;

import org.jspecify.annotations.NullMarked;
