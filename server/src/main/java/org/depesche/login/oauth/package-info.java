/// Logging in with bearer tokens of an OAuth 2.0 provider (RFC 7628).
@NullMarked
package org.depesche.login.oauth;

import org.jspecify.annotations.NullMarked;
