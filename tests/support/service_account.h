// The key of a service account that exists nowhere, made for tests alone.
#pragma once
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/json.h"

namespace apigw::test {

inline constexpr std::string_view account_key =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQDRdBl4yD1alZ6e\n"
    "2wGWeCC7srDhX99nUJmsNNZXD2sGBTlad7cfksGO8SpGrJcGRjYnwMOqRbm8lm2q\n"
    "zSvbplW/yf3JLo1piBGZv1Dda2YrI/D8x0zOHa9JrMrfrE+X3i54gb0TrtlELXc5\n"
    "5NtDp55iqZJiBPKbN/dQ25bjeKDvPGqSE1y2irmVM5nzyO9IkGjVZowLcUQZ8xZR\n"
    "Y+gJXTREMKhbDCUFKIEldF+1prPuo1mRtmHOjqY+bwmwWqyjuu9tlHZ0wf43OI2u\n"
    "D7u2/VQuLONSFksgU35tAReEAhKox4+RaSJJ8fJlbZYIplxrPMA7V8H8TiSrEwpw\n"
    "BwYBJPvnAgMBAAECggEAOfpWNq3O9e0mnDhpRxp3jR1YgvpD39hawWVa03yMFn2J\n"
    "s7YhtZatB4FQP4H0yCLVSMm+H7rvP/mv37CtbD6ty8oA+xhswoKMxK9FlhTtkhF/\n"
    "2qjcZM2owM8Y1TNgUNyKpobbLMCgmZOwRhFIdIDIge0IfSN7eGXUishOCydP/QiO\n"
    "+eQ25VynbkgWmvEgO/o4wNe0P1YGg1QmGI3zHYQQl3nkpGE5LGpq9bMcC/mqucJU\n"
    "4o9BX7hNoxYGK8d6PWD/XbdMFmRS/mvNBQ5MWdDI4n9RYjLcgyuyIy+pdA1RIBR+\n"
    "7drrXM8rbxcseRqmb3wAppJ+O6Kfe2m+W+DnQ6kIUQKBgQDwcik1ZUO/a/KEvwot\n"
    "dzk7BgNs1jBP0gXB6fGLkJGNpQCccKmE/gRZ4PM0zRrsaeZNcxhuECfuZTJukdeI\n"
    "LyR20Gx63LWW7fFxuuO3NJM3cJupr8YcAQfHGF6htSQNmTtevtsDjdIB6Rk9pT9p\n"
    "Z24HszZdSpMic4v9SoiPIQhiHwKBgQDfALJqWpyGbqJQXJ1Lus/Wbf778T7lY11t\n"
    "SYPkgHvcpddwCLouJteB7vkB8OPaxmKcUHUdJdSO9igHCLNY/se13NU02XNFrQIG\n"
    "ulqUlozJ9RgJI5Y9EGtLMcgWRqog7Pq2mKSYzgLH/t44+MXFrBGqLAy49AsXPign\n"
    "TP0oMeJ9OQKBgGWzY8q58lXdCs8rHtrsOsDEYl5+miCo7NaAZTJrC6WlzQRegtVF\n"
    "vAFoLHaA6opkoIzRyduD6d/j3dj2xvtLNVkr/zZYdFZKfn1kVzz+d+ZTMwQq3Nir\n"
    "dua3YA911rIJxhrlDy4JpnI4bfytEI08ukV3f98l0+YWiXexNuGTT0BxAoGAEh9u\n"
    "YHJIsiwfiMReDB98cIKz7Cmo4N94Yj9NNq6yYjYgEfzDlKiXbvnKxrua6NaigO2Q\n"
    "9vNyGMQscJXmbV8XP9JYiVj6ozjyJzXR0q2Bd5AxidyYgxHohk3fYuAPR2m63kf9\n"
    "aGWlmDdAPAULnYrkTJ4T0pwSoqrsfHUnRbL4IxECgYA8ZPataJ59M4fmA5wuQRFK\n"
    "Ewn6jMRuYRzXDSXj4YieX/oDfoafCw7G7kqWDgytGFzvHeWPP9QmuI6fQcNWE/TL\n"
    "pXAgZCsjHxdanpRzqXLRkhzAEhUlftNJuEIYNIr9fEKqjfzYzYfxwYmpsJJPCTuT\n"
    "7i4kLTMAGuj+lyf0ACGKUw==\n"
    "-----END PRIVATE KEY-----\n";

// Of 1024 bits.
inline constexpr std::string_view small_key =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIICdwIBADANBgkqhkiG9w0BAQEFAASCAmEwggJdAgEAAoGBAMLqpFyB2HoDcI8Q\n"
    "DjNlY8I9OqRfftXSQukl/p03j5lLkU59c9E6XNwXdla9ROHWIm2U1Tq8cDRsMpdY\n"
    "Q64p/4UmLD9DqvBZBWh+lKE6tgKtRFzLP4yHHH+6eCVaS3VUC+R5WgsXTMc/8RDG\n"
    "/2JK09FfTaWdgCLOgzak3EB0xyTTAgMBAAECgYEAj/Xltz1fuZ5YwBFHq8Yyy/+V\n"
    "FFpDv4EwUirxxwSGVt5tT99wbxQACb56dM4N1g7mFrFaW6tZ5B4Vr5pNQpFaWp6H\n"
    "S+09D5sQ6+gBrO6pjZhQ2SZPBxw4ls4dFmkW4kUXXrDtQJt4LsWk++B91+po+9lV\n"
    "6pDchXpay8pmBiI/AcECQQDuwPV/ra5Z50s3ZB7avPBYtESbKADv4OEiGH1Iqo8W\n"
    "blFoWfIPVIYWdQONjHe4RLJli/Jfb/+BUETJvhiZoMerAkEA0P8LdeD3/qZBBo0/\n"
    "wVD915XyXd79XihUv76Dle1AjX06rZePusUcQfD9b00WqKPybnYB0dD6HkEF12KG\n"
    "14FPeQJBAJ61fDx0itrOisx2bKBBSo/cvWJadE0BMwcEOnwMjPN/P/RbHjKcoEnb\n"
    "XRJCFu9SEzi3j9VrUPB4GFH3YMj2/OMCQCUQxpCOaI0iITAvRtpbKdndPxHE5XyY\n"
    "fIdRG3cwj51IU2rMEXKXWK6dNeVSb61S/kD27tWuUV2iPI35bF62EUkCQFSTttds\n"
    "5arn4svmNJM1JXi+HJmcQ0RHTRrzZCl0jJM7NUGvqDX6uGZI/aXACWmtMDT3o4KD\n"
    "B2X4tkBDDwah+e4=\n"
    "-----END PRIVATE KEY-----\n";

inline std::string account(std::string_view token_uri, std::string_view key = account_key) {
  return fmt::format(R"({{"type":"service_account","project_id":"shop","private_key_id":"key-1","private_key":{},)"
                     R"("client_email":"gateway@shop.iam.gserviceaccount.com","token_uri":{}}})",
                     json::quote(key), json::quote(token_uri));
}

}  // namespace apigw::test
