package org.depesche.admin;

import java.nio.ByteBuffer;
import java.util.Map;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/// Answers what Jetty refuses before a request reaches the API, such as headers that are too long.
final class JsonErrors extends ErrorHandler {

  @Override
  protected void generateResponse(
      Request request,
      Response response,
      int code,
      @Nullable String message,
      @Nullable Throwable cause,
      Callback callback) {
    byte[] body = Json.write(Map.of("error", message == null ? "HTTP " + code : message));
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, AdminApi.JSON);
    response.write(true, ByteBuffer.wrap(body), callback);
  }
}
