// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/diag"
)

// trust returns how the server of a connection is verified, and what is to be
// said about it.
func trust(connection datasource.Settings, dir string, base *url.URL) (*tls.Config, []datasource.Note, error) {
	cfg := &tls.Config{MinVersion: tls.VersionTLS12}
	sni, err := connection.Text("sni")
	if err != nil {
		return nil, nil, err
	}
	cfg.ServerName = sni
	if cfg.Certificates, err = clientCertificate(connection, dir); err != nil {
		return nil, nil, err
	}
	name, verify, pem, err := verification(connection, dir)
	if err != nil || base.Scheme == "http" {
		return cfg, nil, err
	}
	if !verify {
		cfg.InsecureSkipVerify = true // asked for by the profile, and said
		return cfg, []datasource.Note{{
			Code:    diag.InsecureSource,
			Message: fmt.Sprintf("the certificate of %s is not verified, as %s is false", base.Host, name),
			Hint:    "give the certificate of the server's authority as selfSignedCert, in PEM or as a path",
		}}, nil
	}
	if pem == nil {
		return cfg, nil, nil
	}
	cfg.RootCAs, err = x509.SystemCertPool()
	if err != nil {
		cfg.RootCAs = x509.NewCertPool() // a system without authorities of its own
	}
	if !cfg.RootCAs.AppendCertsFromPEM(pem) {
		return nil, nil, fmt.Errorf("%s holds no certificate in PEM", name)
	}
	return cfg, nil, nil
}

// TLS returns how a server is verified, as the connection of a profile says, and
// what is to be said about it. Relative paths start at dir. It is for connectors
// that have HTTP of their own.
func TLS(connection datasource.Settings, dir string, server *url.URL) (*tls.Config, []datasource.Note, error) {
	return trust(connection, dir, server)
}

// Verification returns whether the server of a connection is to be verified, and
// the PEM text of authorities to trust besides those of the system, if it names
// any. Relative paths start at dir. It is for connectors that do not ask by
// themselves.
func Verification(connection datasource.Settings, dir string) (verify bool, pem []byte, err error) {
	_, verify, pem, err = verification(connection, dir)
	return verify, pem, err
}

// verification returns whether the server is verified, and with which
// certificates beside those of the system. The older name wins.
func verification(connection datasource.Settings, dir string) (name string, verify bool, pem []byte, err error) {
	for _, name := range []string{"selfSignedCert", "verify"} {
		v, ok := connection.Lookup(name)
		if !ok {
			continue
		}
		if on, err := connection.Bool(name, true); err == nil {
			return name, on, nil, nil
		}
		text, ok := v.(string)
		if !ok {
			return "", false, nil, fmt.Errorf("%s is neither true, false, PEM nor a path", name)
		}
		if strings.TrimSpace(text) == "" {
			continue
		}
		pem, err := pemOrFile(name, text, dir)
		return name, true, pem, err
	}
	return "", true, nil, nil
}

// clientCertificate returns the certificate that the connection wants shown.
func clientCertificate(connection datasource.Settings, dir string) ([]tls.Certificate, error) {
	cert, err := connection.Text("clientCert")
	if err != nil || cert == "" {
		return nil, err
	}
	key, err := connection.Secret("clientKey")
	if err != nil {
		return nil, err
	}
	certPEM, err := pemOrFile("clientCert", cert, dir)
	if err != nil {
		return nil, err
	}
	keyPEM := certPEM // one file may hold both
	if !key.IsZero() {
		if keyPEM, err = pemOrFile("clientKey", key.Reveal(), dir); err != nil {
			return nil, err
		}
	}
	pair, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		return nil, fmt.Errorf("clientCert and clientKey are no pair: %w", err)
	}
	return []tls.Certificate{pair}, nil
}

// pemOrFile returns text if it is PEM, and what is in the file of that name
// otherwise. Its errors do not show text, which may be a key.
func pemOrFile(name, text, dir string) ([]byte, error) {
	if strings.Contains(text, "-----BEGIN ") {
		if !strings.Contains(text, "\n") { // as it comes out of JSON that was quoted twice
			text = strings.ReplaceAll(text, `\n`, "\n")
		}
		return []byte(text), nil
	}
	path := text
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	pem, err := readSmall(path)
	if err != nil {
		return nil, fmt.Errorf("%s is neither PEM nor a file that can be read: %w", name, bareCause(err))
	}
	return pem, nil
}

// readSmall reads a file that cannot be large.
func readSmall(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	const most = 4 << 20
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && len(text) > most {
		err = errors.New("the file is too large")
	}
	return text, err
}

// bareCause returns a file error without its path.
func bareCause(err error) error {
	if path, ok := errors.AsType[*os.PathError](err); ok {
		return path.Err
	}
	return err
}
