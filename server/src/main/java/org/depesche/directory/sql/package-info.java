/// Domains, accounts and aliases in tables of a database.
@NullMarked
package org.depesche.directory.sql;

import org.jspecify.annotations.NullMarked;
